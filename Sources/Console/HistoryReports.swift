import Plant

/// What a person wants to note in the history.
public struct AnnotationRequest: Codable, Sendable {
    /// The longest text that is taken, in bytes of UTF-8: a page. What is longer belongs into a file of its own.
    public static let textLimit = 4096

    public var text: String
    /// The tag it is about; absent for the whole plant.
    public var tag: String?
    /// UTC milliseconds; absent for now.
    public var start_ms: Int64?
    /// UTC milliseconds; absent for an instant.
    public var end_ms: Int64?

    public init(text: String, tag: String?, start_ms: Int64?, end_ms: Int64?) {
        (self.text, self.tag, self.start_ms, self.end_ms) = (text, tag, start_ms, end_ms)
    }
}

extension AnnotationRequest {
    /// What no history could keep, whatever its tags are; `nil` when nothing is wrong.
    public var fault: String? {
        if text.allSatisfy(\.isWhitespace) { return "found no text, expected some" }
        if text.utf8.count > Self.textLimit {
            return "found \(text.utf8.count) bytes of text, expected \(Self.textLimit) or fewer"
        }
        for time in [start_ms, end_ms].compactMap(\.self) where !UTCTime.writable.contains(time) {
            return "found the time \(time), expected UTC milliseconds of the years 1 to 9999"
        }
        if let start_ms, let end_ms, end_ms < start_ms { return "found an end before the beginning" }
        if start_ms == nil, end_ms != nil { return "found an end without a beginning" }
        return nil
    }
}

/// What became of it.
public struct AnnotationReport: Codable, Sendable {
    /// `ok`: the daemon has it, and writes it with its next commit.
    public var answer = "ok"
    /// For people: `noted by alice at 2026-01-03T10:00:00.000Z`.
    public var summary: String
    public var who: String
    /// UTC milliseconds.
    public var start_ms: Int64
    public var end_ms: Int64

    public init(summary: String, who: String, start_ms: Int64, end_ms: Int64) {
        (self.summary, self.who, self.start_ms, self.end_ms) = (summary, who, start_ms, end_ms)
    }
}

/// Why a note was not taken.
public struct AnnotationRefusal: Error {
    public let detail: String
    public init(_ detail: String) { self.detail = detail }
}
