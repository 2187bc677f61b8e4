import Archive
import Daemon
import Historian
import Performance
import Plant
import PlantConfiguration

/// Deadbands that are narrower than the noise of their tags, as the newest history shows it. A plant without a history
/// has none, and a history that cannot be read is no fault of a configuration.
struct NoiseCheck {
    /// Readings of one tag, the newest: they give sigma within some percent, and a hundred tags in a blink.
    static let readings = 600
    /// What is older may be of another time of the process. Milliseconds.
    static let span: Int64 = 3_600_000

    private let loaded: LoadedConfiguration
    private let path: String
    private let rules = PerformanceRules()

    init(_ loaded: LoadedConfiguration, state: String) {
        self.loaded = loaded
        path = StatePaths(state: state).path(loaded.plant.history.path)
    }

    func warnings() -> [ConfigurationIssue] {
        guard let reader = try? HistoryReader(path: path), let latest = try? reader.latestTime() else { return [] }
        var noises: [Tag.ID: NoiseEstimate?] = [:]
        return loaded.plant.alarms.compactMap { alarm in
            guard let deadband = alarm.narrowestDeadband, let id = alarm.tag, !alarm.isSlow(rules),
                let place = loaded.deadbands[alarm.rule]
            else { return nil }
            let tag = loaded.plant.tags[id]
            let noise = noises[id] ?? noise(of: tag, maxGap: alarm.qualification.maxGap, reader, until: latest)
            noises[id] = .some(noise)
            guard let noise, deadband < noise.band else { return nil }
            let band = Tag.shown(noise.band)
            let unit = tag.unit.map { " \($0)" } ?? ""
            return ConfigurationIssue(
                "deadband \(Tag.shown(deadband)) is inside the noise of \(tag.name) (3 sigma = \(band)\(unit)): "
                    + "\(alarm.rule) will chatter; expected at least \(band)", at: place)
        }
    }

    private func noise(
        of tag: Tag, maxGap: Duration, _ reader: HistoryReader, until latest: Int64
    ) -> NoiseEstimate? {
        let period = max(1, loaded.plant.groups[tag.group].period.milliseconds)
        let from = latest - min(NoiseCheck.span, period * Int64(NoiseCheck.readings))
        var meter = NoiseMeter(maxGap: maxGap)
        do {
            try reader.readings(tag: tag.name, from: from, to: latest + 1) { reading in
                guard reading.quality == .good, let value = reading.number else { return }
                meter.take(time: reading.time, value: value)
            }
        } catch {
            return nil
        }
        return meter.estimate
    }
}

extension AlarmDefinition {
    /// Of an alarm that compares the value itself with the same limits at all times.
    fileprivate var narrowestDeadband: Double? {
        guard case .levels(let levels) = detector, levels.figure == .value, levels.sets.count == 1 else { return nil }
        return levels.sets[0].limits.map(\.deadband).min()
    }

    /// Its delays alone keep three raises from coming within the time that makes them chatter.
    fileprivate func isSlow(_ rules: PerformanceRules) -> Bool {
        (qualification.onDelay + qualification.offDelay) * 2 > rules.chatterWindow
    }
}
