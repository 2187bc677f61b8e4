/// Shows whether a block that outlived the process which published it is what was published: CRC-32C over all its bytes,
/// with zeros in its own place. A process that crashes may have written over memory before.
public enum BlockCheck {
    /// The cell of a header that holds the check.
    private static let cell = 2
    private static let mask: UInt64 = 0xFFFF_FFFF << 32

    /// Fills in the check of a whole block.
    ///
    /// - Precondition: at least a header.
    public static func sign(_ block: UnsafeMutableBufferPointer<Cell>) {
        block[cell].high &= ~mask
        block[cell].high |= UInt64(sum(UnsafeBufferPointer(block))) << 32
    }

    /// Whether a block, copied out of the ring, is as it was when it was signed. It is signed in place again meanwhile.
    public static func matches(_ block: UnsafeMutableBufferPointer<Cell>) -> Bool {
        guard block.count >= ScanHeader.cells else { return false }
        let found = block[cell].high
        sign(block)
        return block[cell].high == found
    }

    private static func sum(_ block: UnsafeBufferPointer<Cell>) -> UInt32 {
        CRC32C.of(key: Int64(bitPattern: block[0].low), UnsafeRawBufferPointer(block))
    }
}
