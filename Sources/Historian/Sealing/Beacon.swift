import Chunks
import Plant
import Glibc
import Store

/// A small file beside the history that says how far it had come: how a lost tail of the write-ahead log is noticed.
///
/// SQLite takes a log that ends early, or is gone, for one that was never longer, and says nothing. The beacon is
/// written after each commit without being synced: after a loss of power it may be behind the database, which proves
/// nothing, but never ahead of it.
struct Beacon: Equatable {
    /// The greatest ordinal that was committed.
    var ordinal: Int64
    /// Scans and commits since the beacon was first written.
    var scans: UInt64 = 0
    var commits: UInt64 = 0
    /// UTC milliseconds of the newest commit.
    var time: Int64

    /// "CuplBcn1".
    private static let magic: UInt64 = 0x316E_6342_6C70_7543
    private static let bytes = 48
}

extension Beacon {
    /// Forty bytes, least significant first, and their checksum.
    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        let numbers = [
            Beacon.magic, UInt64(bitPattern: ordinal), scans, commits, UInt64(bitPattern: time),
        ]
        for number in numbers { withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) } }
        let crc = UInt64(bytes.withUnsafeBytes { CRC32C.of(key: 0, $0) })
        withUnsafeBytes(of: crc.littleEndian) { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// `nil` for bytes that are no beacon: a torn or foreign file says nothing about the history.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == Beacon.bytes else { return nil }
        func number(_ index: Int) -> UInt64 {
            bytes[(index * 8)..<(index * 8 + 8)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        let crc = bytes.prefix(40).withUnsafeBytes { CRC32C.of(key: 0, $0) }
        guard number(0) == Beacon.magic, number(5) == UInt64(crc) else { return nil }
        self.init(
            ordinal: Int64(bitPattern: number(1)), scans: number(2), commits: number(3),
            time: Int64(bitPattern: number(4)))
    }
}

/// The beacon's file: read once, then written in place.
final class BeaconFile {
    private let descriptor: CInt
    /// What it said when it was opened.
    let found: Beacon?

    static func path(of history: String) -> String { history + "-beacon" }

    /// A file that cannot be opened is a beacon that cannot be written, which is counted and stops nothing.
    init(of history: String) {
        NewFile.makeForGroup(BeaconFile.path(of: history))
        descriptor = open(BeaconFile.path(of: history), O_RDWR | O_CLOEXEC)
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = descriptor < 0 ? -1 : pread(descriptor, &bytes, bytes.count, 0)
        found = count > 0 ? Beacon(Array(bytes.prefix(count))) : nil
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// - Returns: false when it could not be written.
    func write(_ beacon: Beacon) -> Bool {
        let bytes = beacon.encoded
        return descriptor >= 0 && pwrite(descriptor, bytes, bytes.count, 0) == bytes.count
    }
}
