import Plant

/// How the characters of a text come out of a reply.
struct TextField: BitwiseCopyable, Sendable {
    private let place: Int
    /// 1 when each register holds two characters, 2 when it holds one.
    private let step: Int
    /// 1 when the first character of a register is in its low byte.
    private let flip: Int
    /// The most characters, in bytes.
    let capacity: Int

    init(_ tag: Tag, place: Int) {
        self.place = place
        switch tag.packing {
        case .highLow: (step, flip) = (1, 0)
        case .lowHigh: (step, flip) = (1, 1)
        case .high: (step, flip) = (2, 0)
        case .low: (step, flip) = (2, 1)
        }
        capacity = tag.type.registers * 2 / step
    }

    /// Cells that hold so many bytes of text, 16 each.
    static func cells(_ bytes: Int) -> Int { (bytes + 15) / 16 }

    /// Writes the text: up to the first NUL or the last register, without the spaces that pad it.
    ///
    /// - Parameter out: room for the cells of `capacity`; what is left over of the last one used is zero.
    /// - Returns: its length in bytes; `nil` when the bytes are not UTF-8.
    func read(_ payload: UnsafeBufferPointer<UInt8>, into out: UnsafeMutableBufferPointer<Cell>) -> Int? {
        for index in 0..<TextField.cells(capacity) { out[index] = Cell() }
        let bytes = UnsafeMutableRawBufferPointer(out)
        var length = 0
        var shown = 0
        while length < capacity {
            let byte = payload[place + ((length * step) ^ flip)]
            if byte == 0 { break }
            bytes[length] = byte
            length += 1
            if byte != UInt8(ascii: " ") { shown = length }
        }
        for index in shown..<length { bytes[index] = 0 }
        return TextField.isText(UnsafeRawBufferPointer(rebasing: bytes[..<shown])) ? shown : nil
    }

    private static func isText(_ bytes: UnsafeRawBufferPointer) -> Bool {
        do {
            _ = try UTF8Span(validating: bytes.assumingMemoryBound(to: UInt8.self).span)
            return true
        } catch {
            return false
        }
    }
}
