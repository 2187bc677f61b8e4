import Plant

/// Alarms that depend on each other. A condition that needed itself could not be found, and two alarms that suppress
/// each other would both be silent when both hold.
extension AlarmExpansion {
    func reportCircles() {
        var finished: Set<AlarmDefinition.ID> = []
        for alarm in alarms where !finished.contains(alarm.id) { visit(from: alarm.id, &finished) }
    }

    /// Depth first with a path of its own: a chain of alarms may be longer than a stack is deep.
    private func visit(from start: AlarmDefinition.ID, _ finished: inout Set<AlarmDefinition.ID>) {
        var path: [(id: AlarmDefinition.ID, left: ArraySlice<AlarmDefinition.ID>)] = [(start, needs(of: start)[...])]
        var onPath: Set = [start]
        while let (id, left) = path.last {
            guard let next = left.first else {
                path.removeLast()
                onPath.remove(id)
                finished.insert(id)
                continue
            }
            path[path.count - 1].left = left.dropFirst()
            if onPath.contains(next) {
                report(path.map(\.id).drop { $0 != next } + [next])
            } else if !finished.contains(next) {
                path.append((next, needs(of: next)[...]))
                onPath.insert(next)
            }
        }
    }

    /// Whose truth decides about its condition, or about its silence.
    private func needs(of id: AlarmDefinition.ID) -> [AlarmDefinition.ID] {
        let alarm = alarms[id]
        let detector: Logic? =
            switch alarm.detector {
            case .test(.logic(let logic), _): logic
            case .test(.stuck(let stuck), _): stuck.whenMoving
            case .levels, .test, .lots, .comms, .health: nil
            }
        return (detector?.alarms ?? []) + (alarm.activity.suppressedBy?.alarms ?? [])
            + (alarm.activity.when?.alarms ?? [])
    }

    private func report(_ circle: [AlarmDefinition.ID]) {
        guard let place = circle.indices.dropLast().first(where: { circle[$0] < drafts.count }),
            let value = drafts[circle[place]].rule.logicValue(
                forPhase: alarms[circle[place]].activity.when?.alarms.contains(circle[place + 1]) ?? false)
        else { return }
        value.reject(
            found: "a circle, \(circle.map { alarms[$0].name }.joined(separator: " needs "))",
            expected: "no alarm to need itself")
    }
}

extension AlarmRule {
    /// The statement that makes it need other alarms.
    fileprivate func logicValue(forPhase isPhase: Bool) -> Value? {
        if isPhase, case .logic(let rule)? = activity.when { return rule.value }
        return switch detector {
        case .logic(let rule, _): rule.value
        case .test(.stuck(let rule), _): rule.whenMoving?.value ?? activity.suppressedBy?.value
        case .levels, .test, .lots: activity.suppressedBy?.value
        }
    }
}
