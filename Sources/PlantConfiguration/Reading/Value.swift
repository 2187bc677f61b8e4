import Yams

/// A text was not what it should have been; `found` when it can be said better than by quoting it.
struct Expected: Error {
    let expected: String
    let found: String?

    init(_ expected: String, found: String? = nil) { (self.expected, self.found) = (expected, found) }
}

/// One value of a file. Each reader reports what it does not understand and then gives `nil`.
struct Value {
    let node: Node
    /// The key it stands behind, the first word of every fault.
    let label: String
    let document: Document

    var place: Place { document.place(of: node) }

    /// Reports `label: found …, expected …`.
    func reject(found: String? = nil, expected: String) {
        document.findings.report("\(label): found \(found ?? self.found), expected \(expected)", at: place)
    }

    func warn(_ message: String) { document.findings.warn("\(label): \(message)", at: place) }

    /// The value as a person would quote it.
    var found: String {
        switch node {
        case .mapping: return "a section"
        case .sequence: return "a list"
        case .alias: return "an alias"
        case .scalar(let scalar):
            switch PlainScalar(scalar) {
            case .nothing: return "nothing"
            case .flag, .integer, .number, .doubtfulNumber: return scalar.string
            case .text: return scalar.string.quoted
            }
        }
    }

    /// What a scalar says; `nil` for a section or a list.
    var plain: PlainScalar? { node.scalar.map(PlainScalar.init) }
    var isScalar: Bool { node.scalar != nil }
    var isList: Bool { if case .sequence = node { true } else { false } }
    /// A scalar as it is written, without its quotes.
    var word: String? { node.scalar?.string }

    /// Text of at least one character. A bare number or `true` is not text: whoever means it as such quotes it.
    func text(_ expected: String = "text") -> String? {
        switch plain {
        case .text:
            if let text = word, !text.isEmpty { return text }
            reject(expected: expected)
        case .flag, .integer, .number, .doubtfulNumber:
            reject(expected: "\(expected), in quotes")
        case .nothing, nil:
            reject(expected: expected)
        }
        return nil
    }

    /// Text that `parse` understands.
    func text<Result>(_ expected: String, as parse: (String) throws(Expected) -> Result) -> Result? {
        guard let text = text(expected) else { return nil }
        do throws(Expected) {
            return try parse(text)
        } catch {
            reject(found: error.found, expected: error.expected)
            return nil
        }
    }

    func flag() -> Bool? {
        if case .flag(let flag) = plain { return flag }
        reject(expected: "true or false")
        return nil
    }

    func integer(in range: ClosedRange<Int>) -> Int? {
        if case .integer(let value) = plain, range.contains(value) { return value }
        let hint = plain == .doubtfulNumber ? ", without leading zeros" : ""
        reject(expected: "a whole number from \(range.lowerBound) to \(range.upperBound)\(hint)")
        return nil
    }

    func number(_ expected: String = "a number", where isAllowed: (Double) -> Bool = { _ in true }) -> Double? {
        let value: Double? =
            switch plain {
            case .integer(let value): Double(value)
            case .number(let value): value
            case .nothing, .flag, .doubtfulNumber, .text, nil: nil
            }
        if let value, isAllowed(value) { return value }
        reject(expected: expected)
        return nil
    }

    /// A duration; the words it may also be are named by `alternative`.
    func duration(in range: ClosedRange<Duration>, or alternative: String? = nil) -> Duration? {
        let expected = Duration.configurationForm + (alternative.map { ", or \($0)" } ?? "")
        // A bare number is not text in need of quotes but a number in need of a unit.
        guard plain == .text else {
            reject(expected: expected)
            return nil
        }
        let read = text(expected) { text throws(Expected) in
            do throws(Expected) {
                return try Duration(configured: text)
            } catch {
                throw error.expected == Duration.configurationForm ? Expected(expected) : error
            }
        }
        guard let value = read else { return nil }
        if range.contains(value) { return value }
        reject(expected: "\(range.lowerBound.configured) to \(range.upperBound.configured)")
        return nil
    }

    /// One of the words of a closed set.
    func choice<Choice: CaseIterable & RawRepresentable>(_: Choice.Type) -> Choice? where Choice.RawValue == String {
        let words = Choice.allCases.map(\.rawValue)
        if plain == .text, let word, let choice = Choice(rawValue: word) { return choice }
        reject(expected: words.asChoice(near: word))
        return nil
    }

    /// A list of two numbers.
    func pair(_ expected: String) -> (Double, Double)? {
        guard let items = list(expected) else { return nil }
        guard items.count == 2 else {
            reject(found: "a list of \(items.count)", expected: expected)
            return nil
        }
        let numbers = items.compactMap { $0.number() }
        return numbers.count == 2 ? (numbers[0], numbers[1]) : nil
    }

    /// Two numbers, the lower first.
    func range(_ example: String) -> ClosedRange<Double>? {
        guard let (low, high) = pair("two numbers, the lower first, such as \(example)") else { return nil }
        guard low < high else {
            reject(found: "[\(low.short), \(high.short)]", expected: "the lower limit below the upper one")
            return nil
        }
        return low...high
    }

    func list(_ expected: String) -> [Value]? {
        guard case .sequence(let sequence) = node else {
            reject(expected: expected)
            return nil
        }
        return sequence.map { Value(node: $0, label: label, document: document) }
    }
}

extension String {
    /// In quotes, on one line, and no longer than a message can bear.
    var quoted: String {
        let limit = 60
        return count > limit ? (String(prefix(limit)) + "…").debugDescription : debugDescription
    }
}
