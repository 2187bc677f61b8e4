import Foundation
import Plant
import TestSupport
import Testing

@testable import Performance

@Suite struct AdviceTests {
    static let noise = NoiseEstimate(differences: (0..<100).map { $0 % 2 == 0 ? 1 : -1 })

    static func advise(_ values: [Double], _ setting: AlarmSetting, noise: NoiseEstimate? = nil) -> Advice {
        var study = AdviceStudy(setting, noise: noise)
        for (index, value) in values.enumerated() { study.take(time: Int64(index) * 1000, value: value) }
        return study.finish()
    }

    /// An hour below, then a minute of going to and fro across the limit each second, ten times.
    static let flutter: [Double] = (0..<10).flatMap { _ -> [Double] in
        let toAndFro: [Double] = (0..<60).map { $0 % 2 == 0 ? 100 : 99 }
        return still(90, 300) + toAndFro + still(90, 60)
    }

    static func still(_ value: Double, _ seconds: Int) -> [Double] { Array(repeating: value, count: seconds) }

    /// Twenty of one second to 120, one each two minutes.
    static let spikes: [Double] = (0..<20).flatMap { _ -> [Double] in [120] + still(90, 119) }

    @Test func `a deadband as wide as the flutter takes it away and costs nothing in detection`() throws {
        // Each flutter is 30 raises of one second; with any deadband of 1 or more it is one of 60 s, which began as soon.
        let advice = Self.advise(Self.flutter, SimulatorTests.setting(), noise: Self.noise)
        #expect(advice.present.raises == 300 && advice.present.nuisances == 300)
        let best = try #require(advice.recommended)
        #expect(best.raises == 10 && best.nuisances == 0 && best.missed == 0)
        #expect(best.detectedLatest == 0)
        // The last reading of the flutter is 99, a second after the last clear of the present tuning's.
        #expect(best.returnsLater == 1000)
        #expect(best.tuning.onDelay == 0 && best.tuning.offDelay == 0)
        // sigma = 1.4826 x 1 / sqrt 2 = 1.048, in two digits 1.1.
        #expect(best.tuning.deadband == 1.1)
        #expect(
            advice.text
                == "deadband 0.0 -> 1.1 degC (1 sigma of its noise): 290 of 300 raises fewer, nothing detected later, "
                + "return to normal 1 s later (median)")
    }

    @Test func `short spikes need an on-delay, and it says what that costs`() throws {
        // And one excursion of five minutes.
        let values = Self.spikes + Self.still(120, 300) + Self.still(90, 100)
        let advice = Self.advise(values, SimulatorTests.setting(respond: .seconds(60)), noise: Self.noise)
        #expect(advice.present.raises == 21 && advice.present.nuisances == 20)
        let best = try #require(advice.recommended)
        #expect(best.tuning == Tuning(onDelay: 2000))
        #expect(best.raises == 1 && best.detectedLater == 2000 && best.missed == 0)
        #expect(
            advice.text
                == "on-delay 0 s -> 2 s: 20 of 21 raises fewer, detected 2 s later (median; at worst 2 s), "
                + "return to normal no later (median)")
        // Half of the time to respond is too little for any on-delay that would do.
        let hurried = Self.advise(values, SimulatorTests.setting(respond: .seconds(4)), noise: Self.noise)
        #expect(hurried.recommended == nil)
        #expect(hurried.text.hasPrefix("no deadband or delay that was tried spares 9 in 10 of its 20"))
    }

    @Test func `what would miss an excursion that lasted is not advised`() {
        let values = Self.spikes + Self.still(120, 15) + Self.still(90, 100)
        let advice = Self.advise(values, SimulatorTests.setting(), noise: Self.noise)
        let missing = advice.candidates.filter { $0.tuning.onDelay >= 20_000 }
        #expect(!missing.isEmpty && missing.allSatisfy { $0.missed == 1 && $0.nuisances == 0 })
        #expect(advice.candidates.filter { $0.tuning.onDelay == 10_000 }.allSatisfy { $0.missed == 0 })
        #expect(advice.recommended?.tuning == Tuning(onDelay: 2000))
        // Also when it is the last thing that was seen.
        let cut = Self.advise(Self.spikes + Self.still(120, 15), SimulatorTests.setting(), noise: Self.noise)
        #expect(cut.candidates.filter { $0.tuning.onDelay >= 20_000 }.allSatisfy { $0.missed == 1 })
    }

    @Test func `glitches are not an excursion that lasted, to and fro is`() {
        // One second in thirty, for half an hour.
        let glitches = Self.advise(
            (0..<60).flatMap { _ -> [Double] in [120] + Self.still(90, 29) }, SimulatorTests.setting(),
            noise: Self.noise)
        #expect(glitches.recommended?.tuning == Tuning(onDelay: 2000))
        let flutter = Self.advise(Self.flutter, SimulatorTests.setting(), noise: Self.noise)
        #expect(flutter.candidates.first { $0.tuning == Tuning(onDelay: 2000) }?.missed == 10)
    }

    @Test func `a delay that finds one excursion too late is not advised`() {
        // To and fro for a minute, then in alarm: an on-delay of 2 s ends 62 s after the first raise.
        let toAndFro: [Double] = (0..<60).map { $0 % 2 == 0 ? 120 : 0 }
        let values = Self.spikes + toAndFro + Self.still(120, 100)
        let patient = Self.advise(values, SimulatorTests.setting(respond: .seconds(126)), noise: Self.noise)
        #expect(patient.recommended?.tuning == Tuning(onDelay: 2000))
        #expect(patient.recommended?.detectedLatest == 62_000)
        let hurried = Self.advise(values, SimulatorTests.setting(respond: .seconds(124)), noise: Self.noise)
        #expect(hurried.recommended == nil)
    }

    @Test func `an off-delay alone makes no fleeting alarm worth a look`() {
        let advice = Self.advise(Self.spikes, SimulatorTests.setting(), noise: Self.noise)
        #expect(advice.candidates.first { $0.tuning == Tuning(offDelay: 60_000) }?.nuisances == 20)
    }

    @Test func `what is quiet is left as it is`() {
        let values = (0..<3).flatMap { _ in Self.still(90, 200) + Self.still(110, 100) }
        let advice = Self.advise(values, SimulatorTests.setting(), noise: Self.noise)
        #expect(advice.recommended == nil)
        #expect(advice.text == "leave it as it is: 0 of 3 raises were fleeting or chattered")
    }

    @Test func `it learns the noise from the first samples`() throws {
        var random = SeededRandom(seed: 7)
        let values = (0..<12_000).map { _ in 99 + NoiseTests.normal(&random) }
        let advice = Self.advise(values, SimulatorTests.setting())
        #expect(abs(try #require(advice.noise).sigma - 1) < 0.1)
        #expect(advice.samples == 12_000)
        // Held back or not, every sample is simulated.
        var meter = NoiseMeter(maxGap: .seconds(3))
        for (index, value) in values.prefix(AdviceStudy.lead).enumerated() {
            meter.take(time: Int64(index) * 1000, value: value)
        }
        #expect(Self.advise(values, SimulatorTests.setting(), noise: meter.estimate) == advice)
    }

    @Test func `candidates are wider and slower, never the present one, never too slow`() {
        let setting = SimulatorTests.setting(
            tuning: Tuning(deadband: 2.5, onDelay: 2000, offDelay: 5000), respond: .seconds(40))
        let candidates = AdviceStudy.candidates(setting, Self.noise)
        #expect(candidates.count == Set(candidates).count)
        #expect(candidates.allSatisfy { $0.deadband >= 2.5 && $0.onDelay >= 2000 && $0.offDelay >= 5000 })
        #expect(candidates.allSatisfy { $0.onDelay < 20_000 } && !candidates.contains(setting.tuning))
        #expect(Set(candidates.map(\.deadband)) == [2.5, 3.2, 4.2, 6.3])
    }

    @Test(arguments: [(1.048, 1.1), (2.0, 2.0), (0.0123, 0.013), (123, 130), (99.5, 100), (0, 0)])
    func `two digits, rounded up`(number: Double, rounded: Double) {
        #expect(AdviceStudy.roundedUp(number) == rounded)
    }

    @Test func `JSON comes back`() throws {
        let advice = Self.advise(Self.flutter, SimulatorTests.setting(), noise: Self.noise)
        let data = try JSONEncoder().encode(advice)
        #expect(try JSONDecoder().decode(Advice.self, from: data) == advice)
        #expect(String(decoding: data, as: UTF8.self).contains("\"detected_latest_ms\""))
    }
}
