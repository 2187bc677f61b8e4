import Plant

/// Times in files: ISO 8601 (`2026-01-03T10:00:00.123Z`, `…+09:00`; UTC without a zone) or UTC milliseconds.
enum TimeStamp {
    static func milliseconds(_ text: some StringProtocol) -> Int64? {
        if let number = Int64(text) { return UTCTime.writable.contains(number) ? number : nil }
        guard let (date, clock) = halves(text), let days = days(date) else { return nil }
        var (time, offset): (Substring, Int64) = (clock, 0)
        if time.last == "Z" {
            time = time.dropLast()
        } else if let sign = time.lastIndex(where: { $0 == "+" || $0 == "-" }) {
            let zone = time[time.index(after: sign)...].split(separator: ":", omittingEmptySubsequences: false)
            guard zone.count == 2, let hours = number(zone[0], below: 24), let minutes = number(zone[1], below: 60)
            else { return nil }
            offset = (hours * 60 + minutes) * 60_000 * (time[sign] == "-" ? -1 : 1)
            time = time[..<sign]
        }
        let parts = time.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), let hour = number(parts[0], below: 24),
            let minute = number(parts[1], below: 60)
        else { return nil }
        let seconds = parts.count == 3 ? Double(parts[2]) : 0
        guard let seconds, seconds >= 0, seconds < 60 else { return nil }
        return days * 86_400_000 + (hour * 60 + minute) * 60_000 + Int64((seconds * 1000).rounded()) - offset
    }

    private static func halves(_ text: some StringProtocol) -> (Substring, Substring)? {
        let halves = Substring(text).split(omittingEmptySubsequences: false) { $0 == "T" || $0 == " " }
        switch halves.count {
        case 1: return (halves[0], "00:00")
        case 2: return (halves[0], halves[1])
        default: return nil
        }
    }

    private static func number(_ text: Substring, below limit: Int64) -> Int64? {
        guard (1...2).contains(text.utf8.count), let number = Int64(text), (0..<limit).contains(number) else {
            return nil
        }
        return number
    }

    /// Since 1970-01-01 (Howard Hinnant: days_from_civil).
    private static func days(_ text: Substring) -> Int64? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
        guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2],
            (1...9999).contains(year), (1...12).contains(month), day >= 1, day <= length(of: month, year)
        else { return nil }
        let shifted = month > 2 ? year : year - 1
        let (era, yearOfEra) = (shifted / 400, shifted % 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func length(of month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && year % 100 != 0 || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
