import Plant

/// A time as people and files write it: ISO 8601 (`2026-01-03T10:00:00.123Z`, `…+09:00`, a blank for the `T`, no offset)
/// or UTC milliseconds since 1970.
public enum WrittenTime: Hashable, Sendable {
    /// UTC milliseconds.
    case instant(Int64)
    /// What a clock showed, without a word of which clock: the milliseconds since 1970 if it were one of UTC.
    case face(Int64)

    /// `nil` when it is no time of the years 1 to 9999.
    public init?(_ bytes: ArraySlice<UInt8>) {
        guard let time = TimeParser.time(bytes) else { return nil }
        self = time
    }

    /// UTC milliseconds; without an offset the clock's.
    public func milliseconds(on clock: WallClock) -> Int64 {
        switch self {
        case .instant(let time): time
        case .face(let face): clock.instant(showing: face)
        }
    }
}

/// Read byte by byte: a million of them is an ordinary file.
private struct TimeParser {
    private let bytes: ArraySlice<UInt8>
    private var at: Int

    static func time(_ bytes: ArraySlice<UInt8>) -> WrittenTime? {
        var field = TimeParser(bytes: bytes, at: bytes.startIndex)
        let isDate = bytes.count > 4 && bytes[bytes.startIndex + 4] == UInt8(ascii: "-")
        guard let time = isDate ? field.calendar() : field.epoch().map({ .instant($0) }), field.at == bytes.endIndex
        else { return nil }
        switch time {
        case .instant(let number), .face(let number): return UTCTime.writable.contains(number) ? time : nil
        }
    }

    private mutating func epoch() -> Int64? {
        let isNegative = take("-")
        let start = at
        var number: Int64 = 0
        // 15 digits reach beyond the year 9999.
        while at - start < 16, let digit = digit() { number = number * 10 + digit }
        return at == start ? nil : isNegative ? -number : number
    }

    private mutating func calendar() -> WrittenTime? {
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2),
            let days = TimeParser.days(year, month, day)
        else { return nil }
        let midnight = days * 86_400_000
        if at == bytes.endIndex { return .face(midnight) }
        guard take("T") || take(" "), let hour = number(2), hour < 24, take(":"), let minute = number(2), minute < 60
        else { return nil }
        var time = midnight + hour * 3_600_000 + minute * 60_000
        if take(":") {
            guard let second = number(2), second < 60, let fraction = fraction() else { return nil }
            time += second * 1000 + fraction
        }
        if at == bytes.endIndex { return .face(time) }
        return zone().map { .instant(time - $0) }
    }

    /// Milliseconds; digits beyond them round.
    private mutating func fraction() -> Int64? {
        guard take(".") || take(",") else { return 0 }
        let start = at
        var (value, scale): (Int64, Int64) = (0, 1000)
        while let digit = digit() {
            switch scale {
            case 0: break
            case 1:
                // The first digit that has no place any more.
                value += digit >= 5 ? 1 : 0
                scale = 0
            default:
                scale /= 10
                value += digit * scale
            }
        }
        return at == start ? nil : value
    }

    /// Milliseconds that local time is ahead of UTC.
    private mutating func zone() -> Int64? {
        if take("Z") { return 0 }
        let isEast = take("+")
        guard isEast || take("-"), let hours = number(2), hours < 24 else { return nil }
        var minutes: Int64 = 0
        if at < bytes.endIndex {
            _ = take(":")
            guard let number = number(2), number < 60 else { return nil }
            minutes = number
        }
        let offset = (hours * 60 + minutes) * 60_000
        return isEast ? offset : -offset
    }

    // MARK: Bytes

    private mutating func digit() -> Int64? {
        guard at < bytes.endIndex else { return nil }
        let digit = bytes[at] &- UInt8(ascii: "0")
        guard digit < 10 else { return nil }
        at += 1
        return Int64(digit)
    }

    private mutating func number(_ digits: Int) -> Int64? {
        var number: Int64 = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            number = number * 10 + digit
        }
        return number
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard at < bytes.endIndex, bytes[at] == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    /// Since 1970-01-01 (Howard Hinnant: days_from_civil).
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64? {
        let isLeap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0
        guard year >= 1, (1...12).contains(month), day >= 1 else { return nil }
        let length: Int64 =
            switch month {
            case 2: isLeap ? 29 : 28
            case 4, 6, 9, 11: 30
            default: 31
            }
        guard day <= length else { return nil }
        let shifted = month > 2 ? year : year - 1
        let (era, yearOfEra) = (shifted / 400, shifted % 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
