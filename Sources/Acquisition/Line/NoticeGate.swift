/// Keeps a fault that comes and goes from flooding the log: of the notices about one subject and cause, one beginning a
/// minute is told, with its end; the others are counted, and the count is told with the next.
struct NoticeGate {
    /// A line of the log for each fault and minute: what an operator can read, and what a disk can bear for years.
    static let spacing: Int64 = 60_000_000_000
    /// Faults that are kept in mind; beyond it those that are over and older than a minute are forgotten.
    static let rememberedMax = 64

    private struct Fault: Hashable {
        let subject: String
        let cause: String
    }

    private struct Told {
        var at: Int64
        /// The beginning was told and its end was not.
        var isOpen: Bool
        var held = 0
    }

    private var told: [Fault: Told] = [:]

    var remembered: Int { told.count }

    /// What to tell the log of this notice; `nil` when it is held back.
    mutating func pass(_ notice: LineNotice, at now: Int64) -> LineNotice? {
        let fault = Fault(subject: notice.subject, cause: notice.cause)
        if notice.ended {
            guard let before = told[fault] else { return notice }
            told[fault]?.isOpen = false
            return before.isOpen ? notice : nil
        }
        if let before = told[fault], now - before.at < NoticeGate.spacing {
            told[fault]?.isOpen = false
            told[fault]?.held += 1
            return nil
        }
        let held = told.updateValue(Told(at: now, isOpen: true), forKey: fault)?.held ?? 0
        if told.count > NoticeGate.rememberedMax {
            told = told.filter { $0.value.isOpen || now - $0.value.at < NoticeGate.spacing }
        }
        guard held > 0 else { return notice }
        return LineNotice(
            subject: notice.subject, isFault: notice.isFault,
            cause: "\(notice.cause) (and \(held) times more since it was told last)",
            attempts: notice.attempts)
    }
}
