/// What an alarm was for a while: its limits and all that decides about it.
public struct DefinitionRevision: Codable, Hashable, Sendable {
    /// Counts the definitions of one alarm, from 1, across restarts.
    public var revision: Int
    /// UTC milliseconds since when it is in force.
    public var time: Int64
    /// As `AlarmDefinition.text` wrote it.
    public var text: String

    public init(revision: Int, time: Int64, text: String) {
        (self.revision, self.time, self.text) = (revision, time, text)
    }
}
