import Chunks
import Plant
import Glibc
import Store

/// CRC-32C of a file, block by block, each with its offset as the key: it says where a copy was damaged.
///
/// Against accidents, not against people: whoever can change the file can change the manifest. Rejected: SHA-256 from
/// swift-crypto, which protects no better without a signature, and takes several times as long on years of readings.
enum BlockChecksums {
    /// A thousand numbers for 16 GB.
    static let blockBytes = 16 << 20

    static func of(_ path: String, progress: (Int64) -> Void = { _ in }) throws(StoreError) -> [UInt32] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .io(path: path, detail: String(cString: strerror(errno))) }
        defer { close(file) }
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: blockBytes, alignment: 16)
        defer { block.deallocate() }
        var sums: [UInt32] = []
        var offset: Int64 = 0
        while true {
            let count = try fill(block, from: file, path)
            if count == 0 { return sums }
            sums.append(CRC32C.of(key: offset, UnsafeRawBufferPointer(rebasing: block[..<count])))
            offset += Int64(count)
            progress(offset)
        }
    }

    private static func fill(
        _ block: UnsafeMutableRawBufferPointer, from file: CInt, _ path: String
    ) throws(StoreError) -> Int {
        var filled = 0
        while filled < block.count {
            let count = read(file, block.baseAddress.map { $0 + filled }, block.count - filled)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .io(path: path, detail: String(cString: strerror(errno))) }
            if count == 0 { break }
            filled += count
        }
        return filled
    }
}
