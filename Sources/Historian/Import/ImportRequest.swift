/// What becomes of a reading whose tag has one at the same millisecond already.
public enum ImportMode: String, Sendable, Codable, CaseIterable {
    /// It is left out, and counted.
    case ignore
    /// It hides the one that is there.
    case replace
    /// Nothing at all is imported.
    case fail
}

/// What a person wants imported, and how.
public struct ImportRequest: Sendable {
    /// In their order; `-` is standard input.
    public var files: [String]
    public var mode: ImportMode
    /// The tag of files without a column for it.
    public var tag: String?
    /// Makes tags that the history does not know, instead of refusing them.
    public var createsTags: Bool
    /// How often such readings came; measured for each tag when nobody says it. One stands for three periods at most.
    public var period: Duration?
    public var note: String?
    /// Whose times those without an offset are.
    public var clock: WallClock

    public init(
        files: [String], mode: ImportMode = .ignore, tag: String? = nil, createsTags: Bool = false,
        period: Duration? = nil, note: String? = nil, clock: WallClock = .utc
    ) {
        (self.files, self.mode, self.tag, self.createsTags) = (files, mode, tag, createsTags)
        (self.period, self.note, self.clock) = (period, note, clock)
    }
}
