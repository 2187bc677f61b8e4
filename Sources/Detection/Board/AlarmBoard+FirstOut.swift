import Plant

/// Which alarm of a group was the first: when a pump trips, six alarms follow, and the first names the cause.
extension AlarmBoard {
    /// Marks a raise when no other alarm of the group stands. One that rose within a period of the first might as well
    /// have been it: both are marked as simultaneous, because a poll cannot tell.
    mutating func claimFirst(_ alarm: AlarmDefinition.ID, in family: Int, _ events: inout [AlarmEvent]) {
        guard let raise = events.first(where: \.isRaise) else { return }
        let others = tables.families[family].filter { $0 != alarm && states[$0].stands }
        guard !others.isEmpty else {
            states[alarm].mark(AlarmState.FirstOut(simultaneous: false), in: &events)
            return
        }
        guard let first = others.first(where: { states[$0].firstOut != nil }), let raisedAt = states[first].raisedAt,
            abs(raise.effective - raisedAt) <= period(of: alarm)
        else { return }
        let simultaneous = AlarmState.FirstOut(simultaneous: true)
        var none: [AlarmEvent] = []
        states[first].mark(simultaneous, in: &none)
        charted.append(first)
        states[alarm].mark(simultaneous, in: &events)
    }

    /// Once the whole group is normal, whoever raises next is the first again.
    mutating func forgetFirst(of family: Int) {
        let members = tables.families[family]
        guard members.allSatisfy({ !states[$0].stands }) else { return }
        for member in members where states[member].firstOut != nil {
            states[member].forgetFirstOut()
            charted.append(member)
        }
    }

    private func period(of alarm: AlarmDefinition.ID) -> Int64 {
        tables.group[alarm].map { tables.plant.groups[$0].period.milliseconds } ?? 0
    }
}

extension AlarmState {
    /// Operators see that something is or was wrong.
    var stands: Bool { overlay == nil && core != .norm }
}
