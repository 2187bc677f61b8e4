import Historian
import Journal
import Plant
import Watch

/// Watches Cupel itself: what its parts say of themselves becomes the faults that their alarms are about.
///
/// One caller asks once a second, from the start on: an alarm that stood before a restart stands until its part is
/// reported of. Reads no clock and asks nobody.
struct SelfWatch {
    /// A loss counts as a fault for so long after its counter last rose: longer than a storage alarm waits, so that a
    /// single one raises it.
    static let lossStands: Duration = .seconds(30)

    /// Why each part does not work, in words that follow its name; `nil` for one that does.
    struct Faults {
        var sinks: [(name: String, fault: String?)]
        var history: String?
        var log: String?
        var journal: String?

        func report(to watch: Watch) {
            for sink in sinks { watch.report(.sink(sink.name), fault: sink.fault) }
            watch.report(.history, fault: history)
            watch.report(.historyLog, fault: log)
            watch.report(.journal, fault: journal)
        }
    }

    private var readings = LossCounter()
    private var events = LossCounter()

    /// - Parameters:
    ///   - sinks: all that are configured, those that work too.
    ///   - now: CLOCK_MONOTONIC nanoseconds.
    mutating func look(
        sinks: [(name: String, fault: String?)], recorder: RecorderStatus, journal: JournalStatus, at now: Int64
    ) -> Faults {
        // What full rings refused, and the scans that did not come, or not whole, because of it.
        let refused = UInt64(clamping: recorder.refusedBlocks) + recorder.refusedEvents
        let losesReadings = readings.isLosing(refused + recorder.missingScans + recorder.incompleteScans, at: now)
        let losesEvents = events.isLosing(UInt64(clamping: journal.lost), at: now)
        return Faults(
            sinks: sinks, history: recorder.lastError ?? (losesReadings ? "it is too slow, readings are lost" : nil),
            log: recorder.logWarning,
            journal: journal.lastError ?? (losesEvents ? "it is too slow, events are lost" : nil))
    }
}

/// Whether a counter of losses has risen lately.
private struct LossCounter {
    private var last: UInt64 = 0
    private var roseAt: Int64?

    mutating func isLosing(_ count: UInt64, at now: Int64) -> Bool {
        // One that fell is another run's: a reload may begin everything anew.
        if count > last { roseAt = now }
        last = count
        return roseAt.map { now - $0 < SelfWatch.lossStands.nanoseconds } ?? false
    }
}
