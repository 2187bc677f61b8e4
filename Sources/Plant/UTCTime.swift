/// UTC milliseconds as ISO 8601 text, `2026-01-03T10:00:00.123Z`, without a formatter: the log and every alarm line
/// need it, and the proleptic Gregorian calendar is ten lines (Howard Hinnant's days-from-civil, inverted).
public enum UTCTime {
    /// The years 1 to 9999, which have four digits: what can be written, and read back.
    public static let writable: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999

    public static func text(_ milliseconds: Int64) -> String {
        var (days, rest) = Int(milliseconds).quotientAndRemainder(dividingBy: 86_400_000)
        // Times before 1970 are times too.
        if rest < 0 { (days, rest) = (days - 1, rest + 86_400_000) }
        let (year, month, day) = civil(days)
        return "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))T\(pad(rest / 3_600_000, 2)):"
            + "\(pad(rest / 60_000 % 60, 2)):\(pad(rest / 1000 % 60, 2)).\(pad(rest % 1000, 3))Z"
    }

    /// Year, month and day of a number of days since 1970-01-01.
    static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        )
    }

    private static func pad(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
