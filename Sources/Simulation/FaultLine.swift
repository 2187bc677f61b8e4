/// One line of a fault script.
enum FaultLine {
    struct Mistake: Error { let message: String }

    /// - Returns: nil for a line with nothing but space and comment.
    static func parse(_ line: Substring) throws(Mistake) -> ScheduledFault? {
        let statement = line.prefix { $0 != "#" }
        var words = statement.split { $0.isWhitespace }[...]
        guard let first = words.popFirst() else { return nil }
        guard first == "at" else { throw Mistake(message: "expected 'at', found '\(first)'") }
        let at = try duration(words.popFirst(), after: "'at'")
        guard let controller = words.popFirst() else {
            throw Mistake(message: "expected the name of a controller after the time, found the end of the line")
        }
        let fault = try fault(&words)
        var lasting: Duration?
        if let word = words.popFirst() {
            guard word == "for" else {
                throw Mistake(message: "expected 'for' or the end of the line, found '\(word)'")
            }
            lasting = try duration(words.popFirst(), after: "'for'")
        }
        if let rest = words.first { throw Mistake(message: "expected the end of the line, found '\(rest)'") }
        if lasting == .zero { throw Mistake(message: "expected a duration above 0 after 'for', found 0") }
        return ScheduledFault(at: at, controller: String(controller), fault: fault, lasting: lasting)
    }

    private static func fault(_ words: inout ArraySlice<Substring>) throws(Mistake) -> Fault {
        let known = Fault.words.joined(separator: ", ")
        guard let word = words.popFirst().map(String.init) else {
            throw Mistake(message: "expected a fault (\(known)), found the end of the line")
        }
        var amount: Double?
        if Fault.takesAmount(word) {
            let text = words.popFirst()
            guard let number = text.flatMap({ Double($0) }), number.isFinite, number != 0 else {
                throw Mistake(
                    message: "expected a number of kelvin other than 0 after '\(word)', found \(quoted(text))")
            }
            amount = number
        }
        guard let fault = Fault(word: word, amount: amount) else {
            throw Mistake(message: "unknown fault '\(word)', expected one of \(known)")
        }
        return fault
    }

    /// `500ms`, `20s`, `5m`, `1.5h`, `1d`, or `0`.
    private static func duration(_ text: Substring?, after place: String) throws(Mistake) -> Duration {
        let mistake = Mistake(message: "expected a duration such as 20s or 5m after \(place), found \(quoted(text))")
        guard let text else { throw mistake }
        if text == "0" { return .zero }
        let digits = text.prefix { $0.isNumber || $0 == "." }
        guard let number = Double(digits), let unit = units[text.dropFirst(digits.count)], number * unit < longest
        else {
            throw mistake
        }
        return .seconds(number * unit)
    }

    private static let units: [Substring: Double] = ["ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400]
    /// Ten years in seconds: more is a slip of the keyboard, and would not fit into nanoseconds much further on.
    private static let longest = 3.2e8

    private static func quoted(_ text: Substring?) -> String { text.map { "'\($0)'" } ?? "the end of the line" }
}
