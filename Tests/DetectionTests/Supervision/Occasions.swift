import Plant

@testable import Detection

extension Announcer.Occasion {
    /// An occasion as tests need it: in seconds or milliseconds, of alarm `A<n>` in area F-01.
    static func event(
        _ what: AlarmEvent.What, _ alarm: Int = 0, at time: Int64, _ priority: Priority = .low,
        level: AlarmLevel? = nil, annunciated: Bool? = nil, area: String = "F-01", firstOut: Bool = false
    ) -> Self {
        let tells: Set<AlarmEvent.What> = [.raise, .raiseExit, .levelUp, .reAlarm]
        return Self(
            alarm: alarm, effective: time, what: what, priority: priority, level: level,
            annunciated: annunciated ?? tells.contains(what), area: area, isFirstOut: firstOut, name: "A\(alarm)")
    }
}

extension Announcer {
    mutating func tell(_ occasion: Occasion) -> Telling { tell([occasion]).tellings[0] }
}
