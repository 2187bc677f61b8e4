import Plant

/// What is allowed and may be meant, but is bad practice of alarm systems (ISA-18.2, EEMUA 191).
extension AlarmExpansion {
    func advise(_ findings: Findings) {
        guard !alarms.isEmpty else { return }
        var advised: Set<Place> = []
        for (draft, alarm) in zip(drafts, alarms) {
            let places = draft.rule.places
            let delay = alarm.qualification.onDelay
            let period = draft.tag.map(period)
            if let place = places.onDelay, let period, delay > .zero, delay < period * 2,
                advised.insert(place).inserted
            {
                findings.advise(
                    "on_delay: \(delay.configured) is less than two scans of \(draft.subject), read every "
                        + "\(period.configured), so it filters nothing; \((period * 2).configured) does", at: place)
            }
            let told = delay + (period ?? .zero)
            if let place = places.respondWithin, let respond = alarm.rationale.respondWithin, respond <= told,
                advised.insert(place).inserted
            {
                findings.advise(
                    "respond_within: \(respond.configured) may be over when \(draft.subject) is told, "
                        + "\(told.configured) after it began", at: place)
            }
            if let worst = alarm.detector.worstPriority, worst >= .high, alarm.rationale.guidance == nil,
                advised.insert(places.alarm).inserted
            {
                findings.advise(
                    "\(draft.rule.id): \(worst.rawValue) priority without guidance; say what the operator should do",
                    at: places.alarm)
            }
        }
        adviseMix(findings)
    }

    /// EEMUA 191: about 80 % low, 15 % medium, 5 % high. Every alarm counts once, with the worst it can become.
    private func adviseMix(_ findings: Findings) {
        let priorities = alarms.prefix(drafts.count).compactMap(\.detector.worstPriority)
        guard priorities.count >= Limits.mixedAlarms, let first = drafts.first else { return }
        func share(_ isCounted: (Priority) -> Bool) -> Double {
            100 * Double(priorities.count(where: isCounted)) / Double(priorities.count)
        }
        let shares = [share { $0 == .low }, share { $0 == .medium }, share { $0 >= .high }]
        guard zip(shares, [80.0, 15, 5]).contains(where: { abs($0 - $1) > Limits.mixTolerance }) else { return }
        let percent = shares.map { "\(Int($0.rounded()))" }
        findings.advise(
            "alarms: \(percent[0]) % of \(priorities.count) are low, \(percent[1]) % medium and \(percent[2]) % high or "
                + "critical, where 80, 15 and 5 % let operators see what matters", at: first.rule.places.alarm)
    }
}

extension Detector {
    /// The worst that it can raise.
    fileprivate var worstPriority: Priority? {
        switch self {
        case .levels(let levels): levels.sets.flatMap(\.limits).map(\.priority).max()
        case .test(_, let priority), .lots(_, let priority), .comms(_, let priority), .health(_, let priority): priority
        }
    }
}
