import Glibc
import Plant

/// Plausible life for tags no physics stands behind: each number is a slow wave in the middle of its range.
struct GenericModel: ProcessModel {
    /// Seconds a wave takes; each tag has its own between the two.
    static let periods = 240.0...900.0
    /// Where the waves of tags without a range turn round.
    static let rangeWithout = 0.0...100.0

    var disturbances = Disturbances()
    private var waves: [String: Wave] = [:]
    private var excursion = Excursion()
    private var elapsed = 0.0

    private struct Wave: Sendable {
        var centre, amplitude, period, start: Double
        var feelsExcursion: Bool
    }

    init(tags: [Tag], noise: Noise) {
        var noise = noise
        for tag in tags where !tag.isDiscrete {
            let range = tag.range ?? Self.rangeWithout
            let span = range.upperBound - range.lowerBound
            waves[tag.localName] = Wave(
                centre: range.lowerBound + span * 0.5,
                // A tenth, at most: end-of-scale values, which often mean "no measurement", are never reached.
                amplitude: span * 0.1 * (0.3 + 0.7 * noise.uniform()),
                period: Self.periods.lowerBound + (Self.periods.upperBound - Self.periods.lowerBound) * noise.uniform(),
                start: noise.uniform(), feelsExcursion: tag.isControlTemperature)
        }
        // The discrete ones stand still: a boolean is false, an enumeration in its first state.
        for tag in tags where tag.isDiscrete {
            let value = Double(tag.states.keys.min() ?? 0)
            waves[tag.localName] = Wave(centre: value, amplitude: 0, period: 1, start: 0, feelsExcursion: false)
        }
    }

    mutating func advance(by seconds: Double) {
        elapsed += seconds
        excursion.advance(by: seconds, toward: disturbances.overTemperature)
    }

    subscript(name: String) -> Double? {
        guard let wave = waves[name] else { return nil }
        let swing = sin(2 * .pi * (elapsed / wave.period + wave.start))
        return wave.centre + wave.amplitude * swing + (wave.feelsExcursion ? excursion.kelvin : 0)
    }
}
