/// The JSON shapes of the daemon's API, shared by the server and the command line. Names are the contract.

/// One tag of the plant.
public struct TagReport: Codable, Sendable {
    public var name: String
    public var unit: String?
    public var description: String?
    public var controller: String
    public var scan: String
    public var period_ms: Int64
    public var register: String
    public var type: String

    public init(
        name: String, unit: String?, description: String?, controller: String, scan: String, period_ms: Int64,
        register: String, type: String
    ) {
        self.name = name
        self.unit = unit
        self.description = description
        self.controller = controller
        self.scan = scan
        self.period_ms = period_ms
        self.register = register
        self.type = type
    }
}

/// The newest reading of a tag. `value` is absent when the quality is bad.
public struct ReadingReport: Codable, Sendable {
    public var tag: String
    /// ISO 8601, UTC; absent when never read.
    public var time: String?
    public var value: Double?
    /// The value as it should be shown: exact integers, text, the name of a state.
    public var text: String?
    public var unit: String?
    public var quality: String
    /// Milliseconds since the reply that brought it; absent when never read.
    public var age_ms: Int64?

    public init(
        tag: String, time: String?, value: Double?, text: String?, unit: String?, quality: String, age_ms: Int64?
    ) {
        self.tag = tag
        self.time = time
        self.value = value
        self.text = text
        self.unit = unit
        self.quality = quality
        self.age_ms = age_ms
    }
}

/// What a reload changed. Lines go by their endpoints.
public struct ReloadReport: Codable, Sendable {
    /// Always `ok`.
    public var answer = "ok"
    /// `58 lines kept, 1 changed, 1 added, 0 removed`.
    public var summary: String
    public var kept: Int
    public var changed: Int
    public var added: Int
    public var removed: Int

    /// - Parameter everything: why nothing could be kept, when that was so.
    public init(kept: Int, changed: Int, added: Int, removed: Int, everything: String? = nil) {
        let counts =
            "\(kept) \(kept == 1 ? "line" : "lines") kept, \(changed) changed, \(added) added, \(removed) removed"
        summary = everything.map { "\(counts): everything was started anew (\($0))" } ?? counts
        self.kept = kept
        self.changed = changed
        self.added = added
        self.removed = removed
    }
}

/// Why the old configuration goes on.
public struct ReloadRefusal: Error {
    /// For people, a line each.
    public let errors: String

    public init(_ errors: String) { self.errors = errors }
}

/// RFC 9457.
public struct ProblemReport: Codable, Sendable {
    public var title: String
    public var status: Int
    public var detail: String
}
