import Plant

/// Alarms on lots: one point for each lot, whenever its assay comes.
extension AlarmBoard {
    /// - Parameter sample: of the chart's tag, settled; a point when it is good and so is the lot's number.
    mutating func chartPoint(
        _ alarm: AlarmDefinition.ID, _ chart: LotChart, _ priority: Priority, _ sample: Sample
    ) {
        let lot = settled.samples[chart.lot]
        guard sample.isGood, lot.isGood else {
            feed(alarm, .sample(time: sample.time, Finding(.unknown), value: nil, quality: sample.quality))
            return
        }
        var memory = states[alarm].chart ?? SavedChart(chart)
        let verdict = memory.take(chart, priority: priority, value: sample.value, lot: lot.value, at: sample.time)
        // After a restart nothing is known before the lot that is there has been judged once more.
        let isFirst = states[alarm].evidence.verdict == nil
        guard let finding = verdict?.finding ?? (isFirst ? memory.standing(chart, priority: priority) : nil) else {
            return
        }
        states[alarm].chart = memory
        activities[alarm].hear(finding)
        if let amendment = verdict?.amendment { amend(alarm, amendment, at: sample.time) }
        feed(alarm, .sample(time: sample.time, finding, value: sample.value, quality: sample.quality))
        charted.append(alarm)
    }

    private mutating func amend(_ alarm: AlarmDefinition.ID, _ amendment: LotAmendment, at time: Int64) {
        var events: [AlarmEvent] = []
        states[alarm].amend(tables.definitions[alarm].whole, detail: amendment.text, at: time, &events)
        note(events, of: alarm, stood: true)
    }
}

extension AlarmState {
    /// A corrected assay is an event of its own, whatever the verdict is then: it never withdraws a signal silently.
    fileprivate mutating func amend(
        _ definition: AlarmDefinition, detail: String, at time: Int64, _ events: inout [AlarmEvent]
    ) {
        runTimers(definition, until: time, &events)
        record(.amended, definition, at: time, annunciated: overlay == nil, detail: detail, &events)
    }
}
