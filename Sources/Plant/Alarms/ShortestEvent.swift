extension Plant {
    /// The shortest event that an alarm is sure to see: one that lasts through a whole period of its tag and through
    /// its delay. A shorter one may come and go between two scans: without a delay, one of half a period is seen every
    /// second time.
    ///
    /// `nil` for alarms that are not about a value that comes and goes.
    public func shortestEvent(of alarm: AlarmDefinition) -> Duration? {
        guard let tag = alarm.tag else { return nil }
        let seen = groups[tags[tag].group].period + alarm.qualification.onDelay
        switch alarm.detector {
        case .levels, .test(.state, _), .test(.bits, _): return seen
        case .test(.mismatch(_, let transit), _): return seen + transit
        case .test, .lots, .comms, .health: return nil
        }
    }
}
