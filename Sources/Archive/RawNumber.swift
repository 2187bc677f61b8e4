import Glibc
package import Plant

/// Numbers out of the text of a row, to the last bit what was written there. `ScanText` says how they are written.
package enum RawNumber {
    /// Powers of ten that a double holds exactly.
    private static let tens: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
    /// Beyond it not every integer is a double.
    private static let exact: UInt64 = 1 << 53

    /// The raw bits of the number that begins at `start`, and the first byte behind it; `nil` when there is none.
    ///
    /// - Parameter start: in a text that ends with NUL, as SQLite's do.
    @inline(__always)
    package static func bits(
        of type: ValueType, at start: UnsafePointer<UInt8>
    ) -> (bits: UInt64, end: UnsafePointer<UInt8>)? {
        var at = start
        let isNegative = at.pointee == UInt8(ascii: "-")
        if isNegative { at += 1 }
        var digits: UInt64 = 0
        var count = 0
        while let digit = digit(at.pointee) {
            digits = digits &* 10 &+ digit
            count += 1
            at += 1
        }
        guard type.isFloat else {
            // A uint64 fills 20 digits at most, and the recorder wrote no other.
            return count == 0 ? nil : (isNegative ? 0 &- digits : digits, at)
        }
        var exponent = 0
        if at.pointee == UInt8(ascii: ".") {
            at += 1
            while let digit = digit(at.pointee) {
                digits = digits &* 10 &+ digit
                (count, exponent) = (count + 1, exponent - 1)
                at += 1
            }
        }
        let isPlain = at.pointee != UInt8(ascii: "e") && at.pointee != UInt8(ascii: "E")
        guard isPlain, count > 0, count <= 18, digits <= exact, exponent >= -22 else { return slow(type, start) }
        // One correctly rounded operation on two exact numbers (Clinger 1990, "How to read floating point numbers
        // accurately").
        let magnitude = Double(digits) / tens[-exponent]
        let number = isNegative ? -magnitude : magnitude
        guard type == .float32 else { return (number.bitPattern, at) }
        // Half way between two floats, the second rounding might not go where the first one came from.
        guard number.bitPattern & 0x1FFF_FFFF != 0x1000_0000 else { return slow(type, start) }
        return (UInt64(Float(number).bitPattern), at)
    }

    /// Exponents, and more digits than a double holds: seldom, so the library does it.
    private static func slow(
        _ type: ValueType, _ start: UnsafePointer<UInt8>
    ) -> (bits: UInt64, end: UnsafePointer<UInt8>)? {
        start.withMemoryRebound(to: CChar.self, capacity: 1) { text in
            var end: UnsafeMutablePointer<CChar>?
            let bits = type == .float32 ? UInt64(strtof(text, &end).bitPattern) : strtod(text, &end).bitPattern
            guard let end, UnsafePointer(end) != text else { return nil }
            return (bits, start + text.distance(to: UnsafePointer(end)))
        }
    }

    @inline(__always)
    private static func digit(_ byte: UInt8) -> UInt64? {
        let digit = byte &- UInt8(ascii: "0")
        return digit < 10 ? UInt64(digit) : nil
    }
}
