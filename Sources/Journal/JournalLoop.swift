import Plant
import Ring
import Store
import Synchronization

/// What the journal's thread does and remembers.
struct JournalLoop: ~Copyable {
    /// After a failed commit the next try waits this long, twice as long each time.
    static let retryFirst: Duration = .milliseconds(100)
    static let retryLast: Duration = .seconds(5)
    /// How long a sink's cursor may wait for an event to be saved with.
    static let cursorPatience: Duration = .seconds(1)

    private let journal: Journal
    /// A plain constant. A function kept as the value of a `Mutex` or another generic is wrapped once more each time it
    /// is read in place, so after 16 000 commits a call of it ran over the thread's stack.
    private let onCommit: @Sendable ([AlarmNotice]) -> Void
    private var backlog = EntryBacklog(limit: Journal.queueLimit)
    private var cursors: [String: Int64] = [:]
    private var deliveries: [DeliveryRecord] = []
    /// When cursors and deliveries must be on disk.
    private var cursorsDue: Int64 = .max
    private var pause = retryFirst
    private var retryAt: Int64 = .min

    init(_ journal: Journal, onCommit: @escaping @Sendable ([AlarmNotice]) -> Void) {
        (self.journal, self.onCommit) = (journal, onCommit)
    }

    mutating func run() {
        while true {
            journal.doorbell.listen()
            let ending = journal.stopping.load(ordering: .acquiring)
            take(closing: ending)
            let now = journal.clock.monotonic()
            if !ending, now < retryAt {
                // The disk failed a moment ago: operators are told without asking it again.
                tell()
            } else if !backlog.waiting.isEmpty || now >= cursorsDue
                || (ending && !(cursors.isEmpty && deliveries.isEmpty))
            {
                commit()
            }
            if ending { break }
            let next = retryAt == .min ? cursorsDue : retryAt
            let wait = next == .max ? 3_600_000_000_000 : max(1, next - journal.clock.monotonic())
            journal.doorbell.wait(nanoseconds: wait)
        }
        for item in backlog.waiting { item.entry.completion?(nil) }
    }

    private mutating func take(closing: Bool) {
        let inbox = journal.inbox.withLock { inbox in
            defer { inbox = Journal.Inbox(isClosed: closing) }
            return inbox
        }
        let before = backlog.lost
        backlog.append(contentsOf: inbox.backlog)
        for completion in backlog.takeDisappointed() { completion(nil) }
        let (depth, lost) = (backlog.waiting.count, backlog.lost - before)
        journal.report.withLock { report in
            report.lost += lost
            report.queueDepth = depth
            report.queueHighWater = max(report.queueHighWater, depth)
        }
        // A disk that fails for long must not make these grow.
        let room = max(0, Journal.deliveryLimit - deliveries.count)
        deliveries += inbox.deliveries.prefix(room)
        let left = inbox.deliveriesLost + max(0, inbox.deliveries.count - room)
        if left > 0 { journal.report.withLock { $0.deliveriesLost += left } }
        if !inbox.cursors.isEmpty || !inbox.deliveries.isEmpty {
            cursors.merge(inbox.cursors) { max($0, $1) }
            cursorsDue = min(cursorsDue, journal.clock.monotonic() + JournalLoop.cursorPatience.nanoseconds)
        }
    }

    private mutating func commit() {
        var batch = backlog.waiting
        if backlog.lost > 0 { batch.append(.init(entry: lossEntry())) }
        let began = journal.clock.monotonic()
        do throws(JournalError) {
            let stored = try journal.store.commit(
                batch.map(\.entry), cursors: cursors, deliveries: deliveries)
            succeed(batch, stored, milliseconds: Double(journal.clock.monotonic() - began) / 1e6)
        } catch {
            fail(error)
        }
    }

    private mutating func succeed(
        _ batch: [EntryBacklog.Waiting], _ stored: [[AlarmNotice]], milliseconds: Double
    ) {
        backlog = EntryBacklog(limit: Journal.queueLimit)
        cursors = [:]
        deliveries = []
        cursorsDue = .max
        pause = JournalLoop.retryFirst
        retryAt = .min
        journal.report.withLock { report in
            report.commits += 1
            report.lastSequence = stored.last { !$0.isEmpty }?.last?.seq ?? report.lastSequence
            report.commitMillisecondsLast = milliseconds
            report.commitMillisecondsMax = max(report.commitMillisecondsMax, milliseconds)
            report.queueDepth = 0
            report.lastError = nil
        }
        var notices: [AlarmNotice] = []
        for (item, stored) in zip(batch, stored) {
            for notice in stored { notices.append(stamped(notice, seq: notice.seq, dup: item.told)) }
        }
        if let first = notices.first, let last = notices.last {
            journal.commits.withLock { $0.note(first.seq, last.seq, at: Moment(journal.clock)) }
            onCommit(notices)
        }
        for (item, stored) in zip(batch, stored) { item.entry.completion?(stored.map(\.seq)) }
        journal.store.tidy(after: batch.count)
    }

    private mutating func fail(_ error: JournalError) {
        retryAt = journal.clock.monotonic() + pause.nanoseconds
        pause = min(pause * 2, JournalLoop.retryLast)
        journal.report.withLock { report in
            report.failures += 1
            report.lastError = "\(error)"
        }
        tell()
    }

    /// Tells what is not on disk, once.
    private mutating func tell() {
        let notices = backlog.tell().map { notice in
            var notice = stamped(notice, seq: 0, dup: false)
            notice.unjournalled = true
            return notice
        }
        guard !notices.isEmpty else { return }
        journal.report.withLock { $0.unjournalled += notices.count }
        onCommit(notices)
    }

    private func lossEntry() -> JournalEntry {
        let text = "\(backlog.lost) events could not be journalled and are lost"
        let time = journal.clock.wall() / 1_000_000
        var notice = AlarmNotice.daemon(.lost, text: text, at: time, annunciated: true)
        notice.priority = Priority.high.rawValue
        return JournalEntry(notices: [notice])
    }

    private func stamped(_ notice: AlarmNotice, seq: Int64, dup: Bool) -> AlarmNotice {
        var notice = notice
        notice.plant = journal.plantName
        notice.boot = journal.boot
        notice.seq = seq
        notice.dup = dup
        return notice
    }
}
