public import Store

/// Both databases of a daemon. What is wrong with one is no reason to leave out the other.
public struct StateCheck {
    public var history: String
    public var journal: String
    public var depth: Verify.Depth
    /// As for `Verify`.
    public var now: Int64?

    public init(history: String, journal: String, depth: Verify.Depth) {
        (self.history, self.journal, self.depth) = (history, journal, depth)
    }

    /// - Throws: only when neither file is there.
    public func run(progress: (CareProgress) -> Void = { _ in }) throws(StoreError) -> StateReport {
        guard StateCheck.isThere(history) || StateCheck.isThere(journal) else { throw .absent(history) }
        let first = look(at: history) { (verify) throws(StoreError) in try verify.history(progress: progress) }
        var second = look(at: journal) { (verify) throws(StoreError) in try verify.journal(progress: progress) }
        // Only a daemon makes a journal: a history that was copied, or that imports alone have made, needs none.
        if !StateCheck.isThere(journal), !first.isDaemons {
            second.isUnreadable = false
            for index in second.findings.indices { second.findings[index].severity = .warning }
        }
        return StateReport(history: first, journal: second)
    }

    private static func isThere(_ path: String) -> Bool { (DurableFile.bytes(path) ?? 0) > 0 }

    private func look(
        at path: String, _ body: (Verify) throws(StoreError) -> VerifyReport
    ) -> VerifyReport {
        do throws(StoreError) {
            return try body(Verify(path: path, depth: depth, now: now))
        } catch {
            var report = VerifyReport(path: path)
            report.isUnreadable = true
            let file = CareProgress.name(path)
            if case .missing = error {
                let text =
                    path == history
                    ? "no history beside the journal: a daemon always has both"
                    : "no journal beside it: alarms and operators' actions are kept there, by a daemon only"
                report.findings = [Finding(.absent, file: file, text)]
            } else {
                report.findings = [Finding(.structure, file: file, error.finding)]
            }
            return report
        }
    }
}

/// What `StateCheck` found.
public struct StateReport: Sendable, Hashable, Codable {
    public var history: VerifyReport
    public var journal: VerifyReport

    public var reports: [VerifyReport] { [history, journal] }

    /// Of sysexits.h: 74 when a file cannot be read, 65 with damage, 0 else.
    public var exitCode: Int32 {
        if reports.contains(where: \.isUnreadable) { return 74 }
        return reports.allSatisfy(\.isSound) ? 0 : 65
    }
}
