/// A fault from its first to its last attempt: tells its beginning and its end, and nothing in between.
struct FaultRecord: Sendable {
    private var cause: String?
    private var since: Int64 = 0
    private var attempts = 0

    /// It failed, at a monotonic time.
    ///
    /// - Returns: a notice when this is new, or has another cause than before.
    mutating func begin(_ subject: String, _ cause: String, at now: Int64) -> LineNotice? {
        attempts += 1
        guard self.cause != cause else { return nil }
        if self.cause == nil { since = now }
        self.cause = cause
        return LineNotice(subject: subject, cause: cause, ended: false, attempts: attempts, lasted: .zero)
    }

    /// It failed again in the same way.
    mutating func again() { attempts += 1 }

    /// It worked.
    ///
    /// - Returns: a notice when it had failed before.
    mutating func end(_ subject: String, at now: Int64) -> LineNotice? {
        guard let cause else { return nil }
        defer { self = FaultRecord() }
        return LineNotice(
            subject: subject, cause: cause, ended: true, attempts: attempts, lasted: .nanoseconds(now - since))
    }
}
