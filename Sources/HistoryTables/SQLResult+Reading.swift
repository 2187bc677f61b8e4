import Archive
import Plant

extension SQLResult {
    /// The natural type of SQL: an integer as INTEGER, text as TEXT; what is beyond the integers of SQLite keeps its
    /// digits as TEXT; what is bad is NULL.
    @inline(__always)
    func value(_ value: StoredValue) {
        switch value {
        case .none: null()
        case .integer(let value): integer(value)
        case .unsigned(let value): text(value.description)
        case .real(let value): real(Decimal.scaled(value))
        case .double(let value): real(value)
        case .single(let value): real(Decimal.double(value))
        case .text(let value): text(value)
        }
    }

    @inline(__always)
    func quality(_ quality: Quality) { text(QualityWords.words[Int(quality.rawValue)]) }
}

/// What a float32 register says, as a number of SQL: 1472.9, where the double of the same bits is 1472.9000244140625.
///
/// So a value compares equal to the digits that people write, to what the view `recent` takes out of the text of a scan,
/// and to what `cupel query` shows.
enum Decimal {
    /// The double that is nearest to the shortest decimal that means this float.
    static func double(_ value: Float) -> Double {
        let exact = Double(value)
        var power = 1.0
        // A quotient of two integers that are exact is the nearest double. Beyond ten to the 22nd a power is not.
        for _ in 0...22 {
            let digits = (exact * power).rounded()
            guard digits.magnitude < 9_007_199_254_740_992 else { break }
            let decimal = digits / power
            if Float(decimal) == value { return decimal }
            power *= 10
        }
        return exact
    }

    /// What a raw number times its scale should be: 56.4, where 564 times 0.1 is 56.400000000000006. Of the digits of such
    /// a product, the 16th and 17th are noise.
    static func scaled(_ value: Double) -> Double {
        var power = 1.0
        for _ in 0...22 {
            let digits = (value * power).rounded()
            guard digits.magnitude < 9_007_199_254_740_992 else { break }
            let decimal = digits / power
            if (decimal - value).magnitude <= 2 * value.ulp { return decimal }
            power *= 10
        }
        return value
    }

    /// The same for a number that was read, of a tag.
    static func double(_ value: Double?, of tag: StoredTag) -> Double? {
        guard let value else { return nil }
        switch tag.type {
        case "float32" where Double(Float(value)) == value: return double(Float(value))
        case "float64": return value
        default: return scaled(value)
        }
    }
}

/// The word of each quality, kept for ever: a row costs no copy of it.
private enum QualityWords {
    // Never written after it is made.
    nonisolated(unsafe) static let words = (0...UInt8.max).map { LastingText(Quality(rawValue: $0).name) }
}
