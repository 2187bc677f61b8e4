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

    /// Nothing is damaged; there may be warnings.
    public var isSound: Bool { damages == 0 }

    /// Findings that are no warnings.
    public var damages: Int { findings.count { $0.severity == .damage } + more }

    /// The file is not there, or its own structure cannot be read at all.
    public var isUnreadable = false

    /// Of a history: a daemon has written it, and not only an import or a copy.
    public var isDaemons = false

    /// Readings a second whose checksum was compared.
    public var rate: Double { chunkSeconds > 0 ? Double(counts.readings) / chunkSeconds : 0 }

    mutating func add(_ finding: Finding) {
        if findings.count < Verify.findingLimit { findings.append(finding) } else { more += 1 }
    }
}
