import Plant

/// Which deadband or delay would have spared operators most of an alarm's nuisance, and what it costs.
public struct Advice: Hashable, Sendable, Codable {
    public let alarm: String
    public let unit: String
    public let samples: Int
    public let noise: NoiseEstimate?
    /// What the present tuning gave.
    public let present: Outcome
    public let candidates: [Outcome]
    /// The mildest candidate that does; `nil` when none does or none is needed.
    public let recommended: Outcome?
    public let text: String

    /// What one tuning would have given. Times are milliseconds against the present tuning.
    public struct Outcome: Hashable, Sendable, Codable {
        public let tuning: Tuning
        public let raises: Int
        /// Raises that were fleeting or chattered.
        public let nuisances: Int
        /// Excursions that lasted, and that it would not have raised at all.
        public let missed: Int
        /// Median, and the worst.
        public let detectedLater: Int64
        public let detectedLatest: Int64
        public let returnsLater: Int64

        enum CodingKeys: String, CodingKey {
            case tuning, raises, nuisances, missed
            case detectedLater = "detected_later_ms"
            case detectedLatest = "detected_latest_ms"
            case returnsLater = "returns_later_ms"
        }
    }

    /// Fewer nuisances than this need no advice.
    static let needed = 3

    init(
        _ setting: AlarmSetting, noise: NoiseEstimate?, samples: Int, present: Outcome, candidates: [Outcome]
    ) {
        (alarm, unit) = (setting.alarm, setting.unit)
        (self.samples, self.noise, self.present, self.candidates) = (samples, noise, present, candidates)
        let fit = candidates.filter { $0.isFit(beside: present, setting) }
        recommended = present.nuisances < Self.needed ? nil : fit.min { $0.cost < $1.cost }
        text = Self.text(setting, noise, present, recommended)
    }
}

extension Advice.Outcome {
    /// At least nine in ten nuisances fewer, nothing lasting missed, and less than half the time to respond used up.
    func isFit(beside present: Self, _ setting: AlarmSetting) -> Bool {
        guard nuisances * 10 <= present.nuisances, missed == 0 else { return false }
        guard let respondWithin = setting.respondWithin else { return true }
        return setting.tuning.onDelay + detectedLatest < respondWithin.milliseconds / 2
    }

    /// What it costs, dearest first: late detection, late return, a wide deadband.
    var cost: (Int64, Int64, Double, Int64) { (detectedLatest, returnsLater, tuning.deadband, tuning.offDelay) }
}
