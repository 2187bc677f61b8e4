/// Cuts the stream of replies into frames by the length in their headers. Bytes in, frames out: it knows no socket, no
/// request and no time.
///
/// What a frame says about itself must agree: a header whose length and byte count contradict each other is refused as
/// soon as both are there, so nobody waits for bytes that a broken length promises.
package struct ReplyFramer: ~Copyable {
    /// Bytes it can hold: the replies to a full pipeline, so that one receive may take them all. What is left over when
    /// no frame is whole is always shorter than one frame.
    package static let capacity = 16 * Frame.bytesMax

    private let buffer: UnsafeMutableBufferPointer<UInt8>
    private var start = 0
    private var end = 0

    package init() { buffer = .allocate(capacity: ReplyFramer.capacity) }

    deinit { buffer.deallocate() }

    /// What came and is not yet a frame.
    package var rest: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: buffer[start..<end]) }

    /// Where the next bytes are to be put; then call `filled`. Frames given out before are gone. Never empty once `next`
    /// has answered nil.
    package mutating func room() -> UnsafeMutableBufferPointer<UInt8> {
        if start > 0 {
            let rest = self.rest
            if let from = rest.baseAddress { buffer.baseAddress?.update(from: from, count: rest.count) }
            (start, end) = (0, rest.count)
        }
        return UnsafeMutableBufferPointer(rebasing: buffer[end...])
    }

    /// So many bytes were put into the room.
    package mutating func filled(_ count: Int) {
        precondition(count >= 0 && count <= buffer.count - end, "more than there was room for")
        end += count
    }

    /// The next whole frame, until the next `room`.
    ///
    /// - Returns: nil while bytes are missing.
    /// - Throws: `badReply` when what came can be no reply: `protocolID` or `length`. Nothing behind it can be trusted.
    package mutating func next() throws(ModbusError) -> UnsafeBufferPointer<UInt8>? {
        let rest = self.rest
        guard rest.count >= 4 else { return nil }
        guard rest[2] == 0, rest[3] == 0 else { throw .badReply(.protocolID) }
        guard rest.count >= ReplyCheck.lengthFrom else { return nil }
        let length = Int(rest[4]) << 8 | Int(rest[5])
        // A unit, a function code and one byte are the least.
        guard (3...Frame.bytesMax - ReplyCheck.lengthFrom).contains(length) else { throw .badReply(.length) }
        guard rest.count >= ReplyCheck.payloadOffset else { return nil }
        switch rest[7] {
        case 1...4: guard length == 3 + Int(rest[8]) else { throw .badReply(.length) }
        case 0x80...: guard length == 3 else { throw .badReply(.length) }
        // Whatever it is, it answers nothing that is ever asked; its length alone says where it ends.
        default: break
        }
        let count = ReplyCheck.lengthFrom + length
        guard rest.count >= count else { return nil }
        start += count
        return UnsafeBufferPointer(rebasing: rest[..<count])
    }

    /// Forgets everything: the next bytes are those of another connection.
    package mutating func reset() { (start, end) = (0, 0) }
}
