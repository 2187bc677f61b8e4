import ArgumentParser
import Archive
import FoundationEssentials
import Historian
import Plant

/// A time as people type it: `now`, `-8h`, `*-8h`, `today`, `yesterday+6h`, `2026-01-03`, `2026-01-03T14:00`,
/// `…:05.250Z`, `…+09:00`.
///
/// `*` is the PI System's word for now. A written time without an offset is UTC. `today` and `yesterday` are people's
/// days: they begin at midnight on the clock they are asked for with.
struct TimeText: ExpressibleByArgument, CustomStringConvertible {
    private enum Anchor {
        case instant(Int64)
        case midnight(daysBack: Int, now: Int64)
    }

    let description: String
    private let anchor: Anchor
    /// Milliseconds that pass between the anchor and the time.
    private let shift: Int64

    init?(argument: String) { self.init(argument, now: SystemClock().wall() / 1_000_000) }

    /// - Parameter now: UTC milliseconds.
    init?(_ text: String, now: Int64) {
        description = text
        if let time = TimeText.absolute(text) {
            (anchor, shift) = (.instant(time), 0)
            return
        }
        let word = text.prefix { $0 != "+" && $0 != "-" }
        switch word {
        case "now", "*", "": anchor = .instant(now)
        case "today": anchor = .midnight(daysBack: 0, now: now)
        case "yesterday": anchor = .midnight(daysBack: 1, now: now)
        default: return nil
        }
        let rest = text.dropFirst(word.count)
        guard let sign = rest.first else {
            if word.isEmpty { return nil }
            shift = 0
            return
        }
        // `+8h` alone says nothing about what it is added to.
        guard let span = TimeText.span(rest.dropFirst()), sign == "-" || !word.isEmpty else { return nil }
        shift = sign == "-" ? -span : span
    }

    /// In UTC; the days of `today` and `yesterday` are UTC's.
    var milliseconds: Int64 { milliseconds(on: .utc) }

    /// UTC milliseconds; the days of `today` and `yesterday` are those of `clock`.
    func milliseconds(on clock: WallClock) -> Int64 {
        switch anchor {
        case .instant(let time): time + shift
        case .midnight(let daysBack, let now):
            (0..<daysBack).reduce(clock.dayStart(of: now)) { start, _ in clock.dayStart(of: start - 1) } + shift
        }
    }

    /// `90s`, `5m`, `8h`, `30d`, `2w`, `500ms` in milliseconds.
    static func span(_ text: some StringProtocol) -> Int64? {
        let digits = text.prefix { $0.isNumber || $0 == "." }
        guard let number = Double(digits), number.isFinite, number >= 0 else { return nil }
        let unit: Double
        switch text.dropFirst(digits.count) {
        case "ms": unit = 1
        case "s": unit = 1000
        case "m", "min": unit = 60_000
        case "h": unit = 3_600_000
        case "d": unit = 86_400_000
        case "w": unit = 604_800_000
        default: return nil
        }
        let total = number * unit
        return total < 1e15 ? Int64(total) : nil
    }

    private static func absolute(_ text: String) -> Int64? {
        var rest = Substring(text)
        var offset: Int64 = 0
        if rest.hasSuffix("Z") {
            rest = rest.dropLast()
        } else if rest.count > 10, let sign = rest.dropFirst(10).lastIndex(where: { $0 == "+" || $0 == "-" }) {
            let zone = rest[rest.index(after: sign)...].split(separator: ":")
            guard zone.count == 2, let hours = Int64(zone[0]), let minutes = Int64(zone[1]), (0..<24).contains(hours),
                (0..<60).contains(minutes)
            else { return nil }
            offset = (hours * 60 + minutes) * 60_000 * (rest[sign] == "-" ? -1 : 1)
            rest = rest[..<sign]
        }
        let halves = rest.split(separator: "T", omittingEmptySubsequences: false)
        let date = (halves.first ?? "").split(separator: "-").map { Int($0) }
        guard halves.count <= 2, date.count == 3, let year = date[0], let month = date[1], let day = date[2],
            (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        var milliseconds: Int64 = 0
        if halves.count == 2 {
            let clock = halves[1].split(separator: ":")
            guard (2...3).contains(clock.count), let hour = Int64(clock[0]), let minute = Int64(clock[1]), hour < 24,
                minute < 60
            else { return nil }
            let seconds = clock.count == 3 ? Double(clock[2]) : 0
            guard let seconds, seconds >= 0, seconds < 60 else { return nil }
            milliseconds = (hour * 60 + minute) * 60_000 + Int64((seconds * 1000).rounded())
        }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = DateComponents(year: year, month: month, day: day)
        guard let midnight = calendar.date(from: parts), calendar.component(.day, from: midnight) == day else {
            return nil
        }
        return Int64(midnight.timeIntervalSince1970) * 1000 + milliseconds - offset
    }
}

/// A length of time, `1m`, as an option.
struct SpanText: ExpressibleByArgument {
    let milliseconds: Int64

    init?(argument: String) {
        guard let span = TimeText.span(argument), span > 0 else { return nil }
        milliseconds = span
    }
}
