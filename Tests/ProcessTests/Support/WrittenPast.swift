import Foundation
import Historian
import Journal
import Plant
import PlantConfiguration
import Ring
import TestSupport
import Testing

extension Plantyard {
    /// 2026-01-03T00:00:00Z, in UTC milliseconds.
    static let midnight: Int64 = 1_767_398_400_000

    /// A journal of these events, as a daemon leaves it.
    func writeJournal(_ notices: [AlarmNotice]) throws {
        let journal = try Journal(path: journal, plantName: "Test plant", boot: "b1")
        try journal.start()
        journal.append(JournalEntry(notices: notices))
        journal.stop()
    }

    /// A history of one scan a second since `midnight` of the first scan group, whose only tag is a float32.
    func writeHistory(_ values: [Float]) throws {
        let plant = try loadConfiguration(config).plant
        let ring = Ring<Cell>(capacity: 8 * values.count + 64)
        var producer = ring.producer
        let recorder = try Recorder(
            path: history, plant: plant, consumer: ring.consumer, doorbell: Doorbell(), clock: SystemClock())
        let first = try #require(recorder.nextSequence[0])
        for (number, value) in values.enumerated() {
            let time = Int64(number) * 1_000_000_000
            let header = ScanHeader(
                sequence: first + UInt64(number), group: 0, count: 1, sent: time, replied: time,
                wallOffset: Plantyard.midnight * 1_000_000)
            let reading = RawReading(bits: UInt64(value.bitPattern), slot: 0, quality: .good)
            let cells = [header.cell0, header.cell1, header.cell2, reading.cell]
            let published = cells.withUnsafeBufferPointer { producer.publish($0) }
            #expect(published)
        }
        try recorder.start()
        recorder.stop()
        #expect(recorder.status.scans == UInt64(values.count))
    }
}

extension AlarmNotice {
    /// Of an alarm, at so many seconds after `Plantyard.midnight`.
    static func at(
        _ seconds: Int64, _ what: String, _ alarm: String, _ state: String, _ priority: Priority = .high,
        occurrence: Int = 1, told: String? = nil, who: String? = nil, why: String? = nil, detail: String? = nil
    ) -> AlarmNotice {
        let time = Plantyard.midnight + seconds * 1000
        return AlarmNotice(
            id: alarm, occ: occurrence, what: what, state: state, priority: priority.rawValue, sourceTime: time,
            receivedTime: time, effectiveTime: time, detail: detail, who: who, why: why, annunciated: told != nil,
            told: told)
    }
}
