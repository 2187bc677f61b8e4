import Plant
import Testing

@testable import Watch

struct LatestReadingTests {
    private func snapshot(_ quality: Quality) -> WatchSnapshot {
        let plant = ComputedPlant.plant()
        var latest = Array(repeating: LatestReading.neverRead, count: plant.tags.count)
        latest[ComputedPlant.temperature] = LatestReading(bits: 1, quality: quality, time: 5, replied: 1_000_000_000)
        return WatchSnapshot(plant: plant, latest: latest, texts: [:])
    }

    /// The thermometer is read every 10 s with a timeout of 2 s.
    @Test(arguments: [
        (Quality.good, Int64(32_000), Quality.good), (.good, 32_001, .stale), (.frozen, 32_000, .frozen),
        (.frozen, 32_001, .stale), (.timeout, 32_001, .timeout), (.neverRead, 32_001, .neverRead),
    ])
    func aNumberThatIsTooOldIsShownAsStale(quality: Quality, milliseconds: Int64, shown: Quality) {
        let now = 1_000_000_000 + milliseconds * 1_000_000
        let reading = snapshot(quality).reading(of: ComputedPlant.temperature, at: now)
        #expect(reading.quality == shown)
        #expect(reading.bits == 1 && reading.time == 5)
    }
}
