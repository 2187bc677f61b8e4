import Glibc
import Plant
import Store

/// What the daemon acknowledged beside what the file holds. SQLite itself takes a log that is cut off, or gone, for one
/// that was never longer.
struct BeaconCheck {
    private let beacon: Beacon?
    private let path: String
    /// It is there, and says nothing that could be compared.
    private let isUnreadable: Bool

    /// Before the database is opened: a daemon that runs lights its beacon after each commit.
    init(_ path: String) {
        self.path = path
        let file = open(BeaconFile.path(of: path), O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            (beacon, isUnreadable) = (nil, false)
            return
        }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = pread(file, &bytes, bytes.count, 0)
        beacon = count > 0 ? Beacon(Array(bytes.prefix(count))) : nil
        isUnreadable = beacon == nil
    }

    /// A daemon was here.
    var isLit: Bool { beacon != nil }
    /// UTC milliseconds of the newest commit.
    var time: Int64? { beacon?.time }

    func run(_ connection: PlainConnection, _ report: inout VerifyReport) throws(StoreError) {
        if isUnreadable {
            report.add(
                Finding(
                    .lost, file: CareProgress.name(path),
                    "its beacon cannot be read: whether commits were lost cannot be told", severity: .warning))
        }
        guard beacon != nil else {
            // A backup is no longer in WAL mode; a file that is, and stands alone, was not put there by a daemon.
            let isLogged = try connection.text("PRAGMA journal_mode") == "wal"
            if isLogged, (DurableFile.bytes(path + "-wal") ?? 0) == 0 {
                report.notes.append(
                    "\(path) has neither a log nor a beacon beside it: a copy without its log lacks the newest commits, "
                        + "and nobody can tell")
            }
            return
        }
        guard let lost = try unknown(to: connection) else { return }
        report.add(Finding(.lost, file: CareProgress.name(path), range: lost.start..<lost.end, lost.text))
    }

    /// What was acknowledged after the newest scan that the file has.
    func unknown(to connection: PlainConnection) throws(StoreError) -> Salvage.Loss? {
        guard let beacon else { return nil }
        let newest = try connection.integer(newestScan) ?? 0
        guard beacon.ordinal > newest else { return nil }
        let end = try connection.integer(
            "SELECT max(t) FROM (SELECT max(id) >> 20 AS t FROM hot UNION ALL SELECT max(t1) FROM span)")
        return Salvage.Loss(
            subject: nil, start: min(end ?? beacon.time, beacon.time), end: beacon.time + 1,
            text: "scans up to number \(beacon.ordinal) were acknowledged, and the file ends at \(newest): its log was "
                + "cut off, deleted, or left behind")
    }
}
