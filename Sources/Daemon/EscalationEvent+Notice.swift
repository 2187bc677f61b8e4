import Annunciation
import Detection
import Journal
import Plant

extension EscalationEvent {
    /// What a notice means for those who are called; `nil` when nothing: it is about the daemon, a call itself, or only a
    /// remark. The state after the event decides, not its word: that is what a later start would find.
    init?(_ notice: AlarmNotice) {
        guard notice.id != AlarmNotice.daemonID, !notice.isCall, let what = What(notice) else { return nil }
        self.init(
            alarm: notice.id, tag: notice.tag, occurrence: notice.occ,
            priority: notice.priority.flatMap(Priority.init(rawValue:)) ?? .low, what: what)
    }
}

extension EscalationEvent.What {
    fileprivate init?(_ notice: AlarmNotice) {
        if DaemonEvent(rawValue: notice.what) == .retired {
            self = .retired
            return
        }
        let what = AlarmEvent.What(rawValue: notice.what)
        // The next occurrence follows at once, and the earlier one was never acknowledged; a test is none.
        if what == .superseded || what == .test { return nil }
        guard let state = notice.state else { return nil }
        if AlarmOverlay(rawValue: state) != nil {
            self = .hidden
            return
        }
        switch AlarmCore(rawValue: state) {
        case .unack:
            switch what {
            // No word of an alarm's event: a notice of what stands.
            case .raise, .levelUp, .reAlarm, .raiseExit, nil: self = .raised
            default: self = .unacknowledged
            }
        case .rtnun, .latun: self = .cleared
        case .norm, .acked, .latak: self = .acknowledged
        case nil: return nil
        }
    }
}
