/// Where something is written.
public struct Place: Sendable, Hashable {
    /// The path of the file, as it can be opened from the working directory.
    public let file: String
    /// Counted from 1; a column is a Unicode scalar.
    public let line: Int
    public let column: Int

    public init(file: String, line: Int, column: Int) { (self.file, self.line, self.column) = (file, line, column) }
}

/// A value that may yet turn out to be wrong, with the place to blame.
struct Located<Value> {
    let value: Value
    let place: Place
}

/// What is wrong with the files read so far. Reading goes on after a fault, so that one run shows all of them.
final class Findings {
    /// Sets, because a fault in a profile is found once for each controller that uses it.
    private var issues: Set<ConfigurationIssue> = []
    private var doubts: Set<ConfigurationIssue> = []
    private var advices: Set<ConfigurationIssue> = []

    /// Names looked for behind mistyped ones so far.
    private(set) var hints = 0

    /// The name that was probably meant; `nil` also when this load has looked for enough of them.
    ///
    /// For names that the configuration makes itself, of which there may be as many as faults. Words of a closed set
    /// cost the same for each fault.
    func nearest(to word: String, of names: @autoclosure () -> [String]) -> String? {
        guard hints < Limits.hints else { return nil }
        hints += 1
        return word.nearest(of: names())
    }

    /// The names, led by the one that was probably meant.
    func choice(of names: [String], near word: String) -> String {
        names.asChoice(led: nearest(to: word, of: names))
    }

    func report(_ message: String, at place: Place) {
        issues.insert(ConfigurationIssue(message, at: place))
    }

    func warn(_ message: String, at place: Place) {
        doubts.insert(ConfigurationIssue(message, at: place))
    }

    func advise(_ message: String, at place: Place) {
        advices.insert(ConfigurationIssue(message, at: place))
    }

    var isEmpty: Bool { issues.isEmpty }
    var errors: [ConfigurationIssue] { Self.sorted(issues) }
    var warnings: [ConfigurationIssue] { Self.sorted(doubts) }
    var advice: [ConfigurationIssue] { Self.sorted(advices) }

    private static func sorted(_ issues: Set<ConfigurationIssue>) -> [ConfigurationIssue] {
        issues.sorted { ($0.file, $0.line, $0.column, $0.message) < ($1.file, $1.line, $1.column, $1.message) }
    }
}
