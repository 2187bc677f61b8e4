import ArgumentParser
import Archive
import Historian
import Plant

/// A time as people type it: `now`, `-8h`, `*-8h`, `today`, `yesterday+6h`, `2026-01-03`, `2026-01-03T14:00`,
/// `…:05.250Z`, `…+09:00`, or UTC milliseconds since 1970.
///
/// `*` is the PI System's word for now. Days, and times without an offset, are those of the clock that they are asked for
/// with: what is printed without being changed can be typed again.
struct TimeText: CustomStringConvertible {
    private enum Anchor {
        case written(WrittenTime)
        case instant(Int64)
        case midnight(daysBack: Int, now: Int64)
    }

    static let expected = """
        a time such as 2026-01-03, 2026-01-03T14:00, 2026-01-03T14:00:05.250Z, …+09:00, 1767448800000, now, -8h, \
        today+6h or yesterday
        """
    /// Fewer digits are a typing error: 12 begin in 1973.
    private static let epochDigits = 12

    let description: String
    private let anchor: Anchor
    /// Milliseconds that pass between the anchor and the time.
    private let shift: Int64

    /// As an option or an argument.
    static func typed(_ text: String) throws -> TimeText {
        guard let time = TimeText(text, now: SystemClock().wall() / 1_000_000) else {
            throw ValidationError("expected \(expected)")
        }
        return time
    }

    /// What an option is without being given.
    ///
    /// - Parameter text: one that is known to be right.
    static func standard(_ text: StaticString) -> TimeText {
        TimeText("\(text)", now: SystemClock().wall() / 1_000_000)!
    }

    /// - Parameter now: UTC milliseconds.
    init?(_ text: String, now: Int64) {
        description = text
        let isNumber = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        let isWritten = isNumber ? text.utf8.count >= Self.epochDigits : text.first?.isNumber == true
        if isWritten, let time = WrittenTime(ArraySlice(text.utf8)) {
            (anchor, shift) = (.written(time), 0)
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

    /// UTC milliseconds.
    func milliseconds(on clock: WallClock) -> Int64 {
        switch anchor {
        case .written(let time): time.milliseconds(on: clock)
        case .instant(let time): time + shift
        case .midnight(let daysBack, let now):
            (0..<daysBack).reduce(clock.dayStart(of: now)) { start, _ in clock.dayStart(of: start - 1) } + shift
        }
    }

    static func range(_ from: TimeText, _ to: TimeText, on clock: WallClock) throws -> Range<Int64> {
        let (start, end) = (from.milliseconds(on: clock), to.milliseconds(on: clock))
        guard start < end else { throw Output.misuse("--from \(from) is not before --to \(to)") }
        return start..<end
    }

    /// `at -8h`: where a time is an argument, a dash in front of it makes it an option, and `-8h` the option `-h`. Only
    /// of the commands that have such arguments: elsewhere it may be somebody's text.
    static func anchored(_ arguments: [String]) -> [String] {
        guard let command = arguments.first, ["at", "diff"].contains(command) else { return arguments }
        return arguments.map { $0.hasPrefix("-") && span($0.dropFirst()) != nil ? "now\($0)" : $0 }
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
}

/// A length of time, `1m`, as an option.
struct SpanText: ExpressibleByArgument {
    let milliseconds: Int64

    init?(argument: String) {
        guard let span = TimeText.span(argument), span > 0 else { return nil }
        milliseconds = span
    }
}
