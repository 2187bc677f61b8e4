import Archive
import Commissioning
import Historian
import Performance
import Plant

/// Advises deadbands and delays from the history of the tags.
struct AdviceDesk {
    /// What is said of one alarm.
    enum Answer {
        case advice(Advice)
        /// Why there is none.
        case none(alarm: String, reason: String)
    }

    let plant: Plant
    /// UTC milliseconds.
    let from: Int64
    let to: Int64

    /// Readings between two looks at the clock.
    private static let turn = 20_000
    /// A person waits so long without a word.
    private static let patience: Duration = .seconds(1)

    /// Every tag's history is read once, for all of its alarms.
    func advise(on names: [String], from reader: HistoryReader) throws -> [Answer] {
        let alarms = Dictionary(plant.alarms.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var answers: [String: Answer] = [:]
        var studies: [Tag.ID: [AdviceStudy]] = [:]
        for name in names {
            guard let alarm = alarms[name] else {
                answers[name] = .none(alarm: name, reason: "the configuration no longer has it")
                continue
            }
            switch alarm.advisable(in: plant) {
            case .setting(let setting, let tag): studies[tag, default: []].append(AdviceStudy(setting))
            case .reason(let reason): answers[name] = .none(alarm: name, reason: reason)
            }
        }
        defer { ProgressLine.end() }
        for (tag, studies) in studies.sorted(by: { $0.key < $1.key }) {
            for advice in try advise(studies, plant.tags[tag].name, reader) { answers[advice.alarm] = .advice(advice) }
        }
        return names.map { name in
            switch answers[name] {
            case .advice(let advice) where advice.samples == 0:
                .none(alarm: name, reason: "its tag has no good reading in this time")
            case let answer?: answer
            case nil: .none(alarm: name, reason: "its tag has no history")
            }
        }
    }

    private func advise(_ studies: [AdviceStudy], _ tag: String, _ reader: HistoryReader) throws -> [Advice] {
        guard try !reader.tags(matching: NamePattern(tag)).isEmpty else { return [] }
        var studies = studies
        let begun = ContinuousClock.now
        var readings = 0
        try reader.readings(tag: tag, from: from, to: to) { reading in
            readings += 1
            if readings % AdviceDesk.turn == 0, ContinuousClock.now - begun > AdviceDesk.patience {
                let percent = 100 * (reading.time - from) / (to - from)
                ProgressLine.report(
                    Progress(what: "percent of the history of \(tag)", done: Int(percent), total: 100))
            }
            guard reading.quality == .good, let value = reading.number else { return }
            for index in studies.indices { studies[index].take(time: reading.time, value: value) }
        }
        return studies.map { $0.finish() }
    }
}

extension AlarmDefinition {
    fileprivate enum Advisable {
        case setting(AlarmSetting, Tag.ID)
        case reason(String)
    }

    fileprivate func advisable(in plant: Plant) -> Advisable {
        guard case .levels(let levels) = detector, let tag else {
            return .reason("only level alarms have a deadband")
        }
        guard levels.figure == .value else { return .reason("it does not compare the value itself with its limit") }
        guard levels.sets.count == 1, let limit = levels.sets.first?.limits.first else {
            return .reason("its limits depend on product or phase; `cupel replay` tries a changed configuration")
        }
        return .setting(
            AlarmSetting(
                alarm: name, unit: plant.tags[tag].unit ?? "", limit: limit.limit, isAbove: levels.isAbove,
                isInclusive: levels.isInclusive,
                tuning: Tuning(
                    deadband: limit.deadband, onDelay: qualification.onDelay.milliseconds,
                    offDelay: qualification.offDelay.milliseconds),
                maxGap: qualification.maxGap, respondWithin: rationale.respondWithin), tag)
    }
}
