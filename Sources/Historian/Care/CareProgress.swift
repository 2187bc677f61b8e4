/// How far a piece of long work is, for a bar on a terminal.
public struct CareProgress: Sendable, Hashable {
    public enum Step: String, Sendable, Hashable, Codable {
        case copying, checking, integrity, chunks, rollUps, salvaging
    }

    public var step: Step
    /// The file, without its directory.
    public var file: String
    public var done: Int64
    public var total: Int64

    public init(_ step: Step, file: String, done: Int64, total: Int64) {
        (self.step, self.file, self.done, self.total) = (step, file, done, total)
    }

    /// The last component of a path.
    static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
}
