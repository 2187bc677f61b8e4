public import Plant

/// One change of an alarm that the journal must know.
public struct AlarmEvent: Hashable, Sendable {
    public enum What: String, Hashable, Sendable, CaseIterable, Codable {
        case raise
        case clear
        case levelUp = "level-up"
        case levelDown = "level-down"
        /// It still stands.
        case reAlarm = "re-alarm"
        case acknowledge = "ack"
        case unacknowledge = "unack"
        case reset
        /// An occurrence that nobody acknowledged is closed because the next one begins.
        case superseded
        /// The state was taken over from before a restart.
        case restored
        /// The condition began or ended under an overlay.
        case raiseSuppressed = "raise-suppressed"
        case clearSuppressed = "clear-suppressed"
        case shelve
        /// An operator ended the shelf, its time ended it, or the condition of a one-shot shelf ended.
        case unshelve
        case shelfExpired = "shelf-expired"
        case oneShotEnded = "one-shot-ended"
        case suppress
        case unsuppress
        case outOfService = "out-of-service"
        case returnToService = "return"
        /// The last overlay is gone and the condition holds.
        case raiseExit = "raise-exit"
        case test
        /// A point of a chart was corrected.
        case amended
    }

    public let what: What
    /// When it came to be: for raise and clear the end of the delay, whenever somebody looked.
    public let effective: Int64
    /// The time of the input that brought it to light; never before `effective`.
    public let time: Int64
    /// The alarm's state just after it.
    public let core: AlarmCore
    public let overlay: AlarmOverlay?
    /// The level it is about; for a clear the one that was left.
    public let level: AlarmLevel?
    public let priority: Priority
    /// The worst priority of the occurrence; `priority` where there was none worse.
    public let topPriority: Priority
    /// When the latest raise took effect; `nil` before the first.
    public let raisedAt: Int64?
    /// The last good value in engineering units; `nil` where there is no tag.
    public let value: Double?
    /// What the detector compared, where it is not the value.
    public let figure: Double?
    /// The limit of `level`; `nil` where there is none.
    public let limit: Double?
    /// Of the last sample; for a communication alarm why the controller was lost.
    public let quality: Quality
    public let occurrence: Int
    public let revision: Int
    /// An operator must be told now. Everything else is only recorded and shown.
    public let annunciated: Bool
    /// A clear whose condition ended while the daemon was not looking: the time is when it was found out.
    public let duringOutage: Bool
    /// Of a raise, and of what comes after it; see ``AlarmState/mark(_:in:)``.
    public internal(set) var firstOut: AlarmState.FirstOut?
    /// The operator of a command, and his reason.
    public let note: Note?
    /// The finding's own words, the reasons of a suppression, the permit of a work.
    public let detail: String?
    /// When a shelf ends, or somebody must look again at what is out of service.
    public let until: Int64?

    /// People see that a condition begins, or that it held all the while.
    public var isRaise: Bool { what == .raise || what == .raiseExit }
}

extension AlarmState {
    /// - Parameters:
    ///   - left: the level it is about, where that is no longer the one it is at.
    ///   - detail: `nil` for the finding's own words, unless an operator did it: then there are only his.
    func record(
        _ what: AlarmEvent.What, _ definition: AlarmDefinition, at effective: Int64, level left: AlarmLevel? = nil,
        annunciated: Bool = false, duringOutage: Bool = false, by note: Note? = nil, detail: String? = nil,
        until: Int64? = nil, _ events: inout [AlarmEvent]
    ) {
        events.append(
            AlarmEvent(
                what: what, effective: effective, time: now, core: core, overlay: overlay,
                level: left ?? level ?? topLevel, priority: priority ?? definition.detector.mildest,
                topPriority: [topPriority, priority].compactMap(\.self).max() ?? definition.detector.mildest,
                raisedAt: raisedAt,
                value: evidence.value, figure: evidence.figure, limit: limit, quality: evidence.quality,
                occurrence: occurrence, revision: revision, annunciated: annunciated, duringOutage: duringOutage,
                firstOut: firstOut, note: note, detail: detail ?? (note == nil ? evidence.detail : nil), until: until))
    }
}

extension Detector {
    /// The priority of an alarm that was at no level yet.
    public var mildest: Priority { priorities.min() ?? .low }

    /// The priority of an alarm whose level nobody can know: it may be at its worst.
    var worst: Priority { priorities.max() ?? .low }

    private var priorities: [Priority] {
        switch self {
        case .levels(let levels): levels.sets.flatMap(\.limits).map(\.priority)
        case .test(_, let priority), .lots(_, let priority), .comms(_, let priority), .health(_, let priority):
            [priority]
        }
    }
}
