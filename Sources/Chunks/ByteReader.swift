/// Reads what `ByteWriter` wrote. Any bytes give a value or an error.
struct ByteReader {
    let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Bytes that have not been read.
    var rest: Int { bytes.count - position }

    mutating func byte() throws(ChunkError) -> UInt8 {
        guard position < bytes.count else { throw .damaged("ends at byte \(position), expected more") }
        defer { position += 1 }
        return bytes[position]
    }

    @inline(__always)
    mutating func varint() throws(ChunkError) -> UInt64 {
        guard position < bytes.count, bytes[position] < 0x80 else { return try longVarint() }
        defer { position += 1 }
        return UInt64(bytes[position])
    }

    private mutating func longVarint() throws(ChunkError) -> UInt64 {
        var (value, shift) = (UInt64(0), UInt64(0))
        while true {
            let next = try byte()
            guard shift < 63 || next <= 1 else {
                throw .damaged("a number at byte \(position - 1) has more than 64 bits")
            }
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return value }
            shift += 7
        }
    }

    mutating func signed() throws(ChunkError) -> Int64 { ZigZag.unfold(try varint()) }

    mutating func fixed<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type
    ) throws(ChunkError) -> Value {
        let size = MemoryLayout<Value>.size
        guard size <= rest else { throw .damaged("\(size) bytes expected at byte \(position), \(rest) left") }
        defer { position += size }
        return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: type))
    }

    /// The next so many bytes.
    mutating func slice(_ count: UInt64) throws(ChunkError) -> UnsafeRawBufferPointer {
        guard count <= UInt64(rest) else {
            throw .damaged("\(count) bytes expected at byte \(position), \(rest) left")
        }
        defer { position += Int(count) }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<(position + Int(count))])
    }

    /// A run of at least one element, and at most of as many as are left.
    mutating func run(upTo left: Int) throws(ChunkError) -> Int {
        let run = try varint()
        guard run > 0, run <= UInt64(left) else {
            throw .damaged("run of \(run) before byte \(position), expected 1...\(left)")
        }
        return Int(run)
    }

    /// Bits from here on; the bytes they took are read when `close` is called.
    func bits() -> BitReader { BitReader(bytes, from: position) }

    mutating func close(_ bits: BitReader) throws(ChunkError) {
        try bits.checkEnd()
        position = bits.bytesTaken
    }

    /// Nothing may be left over.
    func checkEnd() throws(ChunkError) {
        guard rest == 0 else { throw .damaged("\(rest) bytes too many from byte \(position) on") }
    }
}
