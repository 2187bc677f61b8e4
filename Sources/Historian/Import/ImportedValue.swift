import Glibc

/// A value as a file gives it, exact.
enum ImportedValue: Hashable {
    /// The reading is bad.
    case none
    case integer(Int64)
    /// Above `Int64.max`.
    case unsigned(UInt64)
    case real(Double)
    case text(String)

    /// The nearest double; `nil` for text.
    var number: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .unsigned(let number): Double(number)
        case .real(let number): number
        case .none, .text: nil
        }
    }
}

/// Numbers in files: `-12`, `73.4`, `1.5e-7`. No signs of infinity, no hexadecimals, no thousands.
enum NumberField {
    /// - Parameter range: in `content`, where a NUL follows it.
    static func value(in content: [UInt8], _ range: Range<Int>) -> ImportedValue? {
        var at = range.lowerBound
        let isNegative = at < range.upperBound && content[at] == UInt8(ascii: "-")
        if isNegative { at += 1 }
        // What the C library would take beyond digits: infinities, NaN, blanks, a second sign.
        guard at < range.upperBound, isDigit(content[at]) || content[at] == UInt8(ascii: ".") else { return nil }
        var magnitude: UInt64 = 0
        while at < range.upperBound, isDigit(content[at]) {
            let (tens, isTooLarge) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, isOver) = tens.addingReportingOverflow(UInt64(content[at] - UInt8(ascii: "0")))
            if isTooLarge || isOver { return real(in: content, range) }
            magnitude = sum
            at += 1
        }
        guard at == range.upperBound else { return real(in: content, range) }
        if isNegative {
            return magnitude <= UInt64(Int64.max) + 1
                ? .integer(Int64(truncatingIfNeeded: 0 &- magnitude)) : real(in: content, range)
        }
        return Int64(exactly: magnitude).map(ImportedValue.integer) ?? .unsigned(magnitude)
    }

    /// NaN, an infinity, or a number that no double reaches.
    static func isNotFinite(in content: [UInt8], _ range: Range<Int>) -> Bool {
        number(in: content, range).map { !$0.isFinite } ?? false
    }

    private static func real(in content: [UInt8], _ range: Range<Int>) -> ImportedValue? {
        guard content[range].allSatisfy({ isDigit($0) || signs.contains($0) }) else { return nil }
        guard let number = number(in: content, range), number.isFinite else { return nil }
        return .real(number)
    }

    /// As the C library reads it.
    private static func number(in content: [UInt8], _ range: Range<Int>) -> Double? {
        guard !range.isEmpty else { return nil }
        return content.withUnsafeBufferPointer { text in
            guard let base = text.baseAddress else { return nil }
            return (base + range.lowerBound).withMemoryRebound(to: CChar.self, capacity: range.count + 1) { start in
                var end: UnsafeMutablePointer<CChar>?
                let number = strtod(start, &end)
                return end.map { start.distance(to: UnsafePointer($0)) } == range.count ? number : nil
            }
        }
    }

    private static let signs = Array("+-.eE".utf8)

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
}
