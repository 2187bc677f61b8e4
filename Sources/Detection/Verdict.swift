import Plant

/// What a definition says about one value. A level is handled by its rank: 0 is none, 1 the mildest.
extension AlarmDefinition {
    /// The rank of the worst level that `value` is in.
    ///
    /// Limits are inclusive. A level that the last sample was in is only left beyond the deadband.
    func rank(of value: Double, after previous: Int) -> Int {
        switch condition {
        case .above(let limits, let deadband):
            var rank = limits.count
            while rank > 0, value < limits[rank - 1].limit - (previous >= rank ? deadband : 0) { rank -= 1 }
            return rank
        case .below(let limits, let deadband):
            var rank = limits.count
            while rank > 0, value > limits[rank - 1].limit + (previous >= rank ? deadband : 0) { rank -= 1 }
            return rank
        case .state(let values, _):
            return values.contains(value) ? 1 : 0
        case .comms:
            return 0
        }
    }

    /// The rank of a level. One that the definition no longer has counts as the mildest: the alarm is real, only its
    /// limits were edited.
    func rank(of level: AlarmLevel?) -> Int {
        guard let level else { return 0 }
        switch condition {
        case .above(let limits, _), .below(let limits, _):
            return (limits.firstIndex { $0.level == level } ?? 0) + 1
        case .state, .comms:
            return 1
        }
    }

    func level(ofRank rank: Int) -> AlarmLevel? {
        guard rank > 0 else { return nil }
        switch condition {
        case .above(let limits, _), .below(let limits, _):
            return rank <= limits.count ? limits[rank - 1].level : nil
        case .state:
            return .state
        case .comms:
            return .comms
        }
    }

    /// The limit and the priority of a level.
    func terms(of level: AlarmLevel?) -> (limit: Double?, priority: Priority) {
        switch condition {
        case .above(let limits, _), .below(let limits, _):
            let index = max(0, rank(of: level) - 1)
            return index < limits.count ? (limits[index].limit, limits[index].priority) : (nil, .low)
        case .state(_, let priority), .comms(_, let priority):
            return (nil, priority)
        }
    }

    /// A lost controller sends no samples: its silence is the evidence, and does not grow old.
    var needsFreshEvidence: Bool {
        if case .comms = condition { false } else { true }
    }
}
