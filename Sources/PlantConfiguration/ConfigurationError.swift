public import Plant

/// One thing that is wrong with a configuration, or doubtful, and where it is written.
public struct ConfigurationIssue: Sendable, Hashable, CustomStringConvertible {
    /// The path of the file, as it can be opened from the working directory.
    public let file: String
    /// Counted from 1; a column is a Unicode scalar.
    public let line: Int
    public let column: Int
    /// What was found and what was expected.
    public let message: String

    public init(file: String, line: Int, column: Int, message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
    }

    public init(_ message: String, at place: Place) {
        self.init(file: place.file, line: place.line, column: place.column, message: message)
    }

    /// `cupel.yaml:31:18: timeout: found "1 sec", expected …`: the form that editors and terminals make a link of.
    public var description: String { "\(file):\(line):\(column): \(message)" }
}

/// Everything that is wrong with a configuration, in the order of file, line and column.
public struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    /// Never empty.
    public let issues: [ConfigurationIssue]
    /// All of it is that host names do not resolve: that may pass, and another try is worth it.
    public let mayPass: Bool

    public init(issues: [ConfigurationIssue], mayPass: Bool = false) {
        (self.issues, self.mayPass) = (issues, mayPass)
    }

    /// One issue a line.
    public var description: String { issues.map(\.description).joined(separator: "\n") }
}

/// A configuration that can be run.
public struct LoadedConfiguration: Sendable {
    public let plant: Plant
    /// Every file that was read, `cupel.yaml` first.
    public let files: [String]
    /// The register maps that controllers name, in the order they were read.
    public let profiles: [ProfileSummary]
    /// What is allowed but may not be meant, in the order of file, line and column.
    public let warnings: [ConfigurationIssue]
    /// What is meant but is bad practice of alarm systems, in the same order: for whoever reviews the alarms, not for
    /// every start.
    public let advice: [ConfigurationIssue]
    /// Where each rule of alarms has its deadband, or where it begins when it has none, by its id: for advice that
    /// others have.
    public let deadbands: [String: Place]
    /// The host names of controllers, and the IP addresses that the system had for them.
    public let lookedUp: [String: String]

    public init(
        plant: Plant, files: [String], profiles: [ProfileSummary] = [], warnings: [ConfigurationIssue],
        advice: [ConfigurationIssue] = [], deadbands: [String: Place] = [:], lookedUp: [String: String] = [:]
    ) {
        self.plant = plant
        self.files = files
        self.profiles = profiles
        self.warnings = warnings
        self.advice = advice
        self.deadbands = deadbands
        self.lookedUp = lookedUp
    }
}
