/// What a look at one database found.
public struct VerifyReport: Sendable, Hashable, Codable {
    public struct Counts: Sendable, Hashable, Codable {
        public var spans = 0
        public var chunks = 0
        /// Readings whose chunk's checksum was compared.
        public var readings: Int64 = 0
        /// Readings that were decoded as well, and compared with their chunk's statistics.
        public var decoded: Int64 = 0
        /// Rows that are not sealed yet; they carry no checksum.
        public var rows = 0
        public var events = 0
        public var rollUps = 0
    }

    public var path: String
    public var counts = Counts()
    /// At most `Verify.findingLimit`.
    public var findings: [Finding] = []
    /// Findings beyond that.
    public var more = 0
    public var seconds = 0.0
    /// Of `seconds`, what went into spans and chunks.
    public var chunkSeconds = 0.0
    /// What could not be looked at, and why.
    public var notes: [String] = []

    public init(path: String) { self.path = path }

    public var isSound: Bool { findings.isEmpty }

    /// The file's own structure cannot be read at all.
    public var isUnreadable = false

    /// Readings a second whose checksum was compared.
    public var rate: Double { chunkSeconds > 0 ? Double(counts.readings) / chunkSeconds : 0 }

    mutating func add(_ finding: Finding) {
        if findings.count < Verify.findingLimit { findings.append(finding) } else { more += 1 }
    }
}
