import Detection
public import Plant

/// Operators' commands in a file, `time,alarm,command,who,args`, in any order.
///
/// Commands are `ack`, `unack`, `reset`, `shelve`, `unshelve`, `suppress`, `unsuppress`, `out-of-service`, `return` and
/// `test`. Arguments are separated by blanks:
///
/// - `ack`, `unack`: `OCCURRENCE.REVISION`; without it, whatever stands then.
/// - `shelve`: a time such as `30m` (`ms`, `s`, `m`, `h`, `d`; a working shift without it), and `one-shot`.
/// - `out-of-service`: `permit=NUMBER` and `review=TIME`.
/// - all: `why=` and the reason, up to the end of the field; `replay` without one, as some commands need a reason.
public enum CommandsFile {
    static let columns = ["time", "alarm", "command", "who", "args"]

    /// - Parameter ignoresUnknown: passes over alarms that the plant does not have, instead of failing.
    public static func moments(
        path: String, plant: Plant, ignoresUnknown: Bool = false
    ) throws(FileProblem) -> [RecordedMoment] {
        let names = Set(plant.alarms.map(\.name))
        var file = try CSVReader(path: path)
        try file.header(columns)
        var moments: [RecordedMoment] = []
        while let fields = try file.next(fields: columns.count) {
            guard let time = TimeStamp.milliseconds(fields[0]) else {
                throw file.problem("found the time \(quoted(fields[0])), expected ISO 8601 or UTC milliseconds")
            }
            guard names.contains(fields[1]) else {
                if ignoresUnknown { continue }
                throw file.problem(
                    "found the alarm \(quoted(fields[1])), expected one of the configuration (--ignore-unknown passes "
                        + "over others)")
            }
            do {
                let arguments = try CommandArguments(fields[4])
                let asked = try arguments.command(fields[2])
                let note = Note(who: fields[3], why: arguments.why ?? "replay")
                moments.append(RecordedMoment(time: time, .command(alarm: fields[1], asked, by: note)))
            } catch {
                throw file.problem(error.text)
            }
        }
        return moments
    }
}

/// The last column of a command.
struct CommandArguments {
    struct Problem: Error { let text: String }

    private var words: [Substring] = []
    private var permit: String?
    private var review: Int64?
    private(set) var why: String?

    init(_ text: String) throws(Problem) {
        var rest = Substring(text)
        while let word = rest.split(separator: " ", maxSplits: 1).first {
            if word.hasPrefix("why=") {
                why = String(rest[word.startIndex...].dropFirst(4))
                return
            }
            if word.hasPrefix("permit=") {
                permit = String(word.dropFirst(7))
            } else if word.hasPrefix("review=") {
                guard let time = TimeStamp.milliseconds(word.dropFirst(7)) else {
                    throw Problem(text: "found \(quoted(String(word))), expected review= and a time")
                }
                review = time
            } else {
                words.append(word)
            }
            rest = rest[word.endIndex...]
        }
    }

    func command(_ word: String) throws(Problem) -> CommandAsked {
        let plain: [String: AlarmCommand] = [
            "reset": .reset, "unshelve": .unshelve, "suppress": .suppress, "unsuppress": .unsuppress,
            "return": .returnToService, "test": .test,
            "out-of-service": .takeOutOfService(permit: permit, review: review),
        ]
        guard permit == nil && review == nil || word == "out-of-service" else {
            throw Problem(text: "found permit or review of \(word), expected them of out-of-service only")
        }
        switch word {
        case "ack":
            return try occurrence().map { .exactly(.acknowledge(occurrence: $0.0, revision: $0.1)) }
                ?? .acknowledgeWhatStands
        case "unack":
            return try occurrence().map { .exactly(.unacknowledge(occurrence: $0.0, revision: $0.1)) }
                ?? .unacknowledgeWhatStands
        case "shelve": return .exactly(try shelf())
        default:
            guard let command = plain[word] else {
                let words = (["ack", "unack", "shelve"] + plain.keys).sorted().joined(separator: ", ")
                throw Problem(text: "found the command \(quoted(word)), expected one of \(words)")
            }
            if let extra = words.first { throw Problem(text: "found \(quoted(String(extra))), expected why=") }
            return .exactly(command)
        }
    }

    private func occurrence() throws(Problem) -> (Int, Int)? {
        guard let word = words.first else { return nil }
        let parts = word.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        guard words.count == 1, parts.count == 2, let occurrence = parts[0], let revision = parts[1] else {
            throw Problem(
                text: "found \(quoted(words.joined(separator: " "))), expected OCCURRENCE.REVISION such as 3.0")
        }
        return (occurrence, revision)
    }

    private func shelf() throws(Problem) -> AlarmCommand {
        var (span, isOneShot): (Duration?, Bool) = (nil, false)
        for word in words {
            if word == "one-shot" {
                isOneShot = true
            } else if span == nil, let length = CommandArguments.span(word) {
                span = length
            } else {
                throw Problem(text: "found \(quoted(String(word))), expected a time such as 30m, one-shot or why=")
            }
        }
        return .shelve(for: span ?? Handling.shift, oneShot: isOneShot)
    }

    /// `90s`, `30m`, `8h`.
    static func span(_ text: Substring) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits), number < 1_000_000_000 else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": return .milliseconds(number)
        case "s": return .seconds(number)
        case "m", "min": return .seconds(number * 60)
        case "h": return .seconds(number * 3600)
        case "d": return .seconds(number * 86_400)
        default: return nil
        }
    }
}
