/// Reads what `BitWriter` wrote. Behind the end it reads zeros; who reads must ask `checkEnd` before he believes them.
struct BitReader {
    private let bytes: UnsafeRawBufferPointer
    /// Where the next bit is, from the first byte on. A few thousand bytes hold no number of bits that could overflow.
    private var position: Int

    init(_ bytes: UnsafeRawBufferPointer, from byte: Int) {
        self.bytes = bytes
        position = byte * 8
    }

    /// So many of the next bits are in `peek` at least.
    static let peeked = 57

    /// The next bits, the first of them at the top.
    @inline(__always)
    func peek() -> UInt64 {
        let byte = position &>> 3
        guard byte &+ 8 <= bytes.count else { return peekAtEnd(byte) &<< UInt64(truncatingIfNeeded: position & 7) }
        return bytes.loadUnaligned(fromByteOffset: byte, as: UInt64.self).bigEndian
            &<< UInt64(truncatingIfNeeded: position & 7)
    }

    @inline(never)
    private func peekAtEnd(_ byte: Int) -> UInt64 {
        var word: UInt64 = 0
        for index in byte..<(byte + 8) { word = word << 8 | (index < bytes.count ? UInt64(bytes[index]) : 0) }
        return word
    }

    @inline(__always)
    mutating func skip(_ width: Int) { position &+= width }

    /// - Parameter width: 0...64.
    mutating func read(_ width: Int) -> UInt64 {
        guard width <= BitReader.peeked else {
            let high = read(width - 32)
            return high << 32 | read(32)
        }
        defer { position &+= width }
        return peek() >> UInt64(64 - width)
    }

    /// Whole bytes that have been read from, counted from the first one.
    var bytesTaken: Int { (position + 7) / 8 }

    func checkEnd() throws(ChunkError) {
        guard bytesTaken <= bytes.count else {
            throw .damaged("\(bytes.count) bytes, expected at least \(bytesTaken)")
        }
    }
}
