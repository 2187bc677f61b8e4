import Archive
import Foundation
import Historian
import TestSupport

/// What a history of a `FaultYard` must hold, whatever was done to it: every acknowledged scan, each once and whole, and an
/// event for every gap.
struct Ledger {
    /// The plant's own scans may be late by this many milliseconds on a busy machine; a longer gap needs a reason.
    static let patience: Int64 = 3000

    let newest: UInt64
    let a: [StoredReading]
    let b: [StoredReading]
    let events: [HistoryEvent]

    init(_ path: String) throws {
        let reader = try HistoryReader(path: path)
        newest = try reader.newestSequences()[FaultYard.group] ?? 0
        func readings(_ tag: String) throws -> [StoredReading] {
            var found: [StoredReading] = []
            try reader.readings(tag: tag, from: .min, to: .max) { found.append($0) }
            return found
        }
        (a, b) = (try readings(FaultYard.tags[0]), try readings(FaultYard.tags[1]))
        events = try reader.events(from: .min, to: .max)
    }

    func count(_ kind: HistoryEvent.Kind, text: String? = nil) -> Int {
        events.count { $0.kind == kind && (text == nil || $0.text == text) }
    }

    /// What is not as it must be, in words.
    func problems(acknowledged: UInt64) -> [String] {
        var found: [String] = []
        if newest < acknowledged {
            found.append("scan \(acknowledged) was acknowledged, the newest is \(newest)")
        }
        // Scans are numbered from 1, and a scan that was lost on its way is a bad reading.
        if UInt64(a.count) != newest { found.append("\(a.count) scans are there of \(newest)") }
        if a.map(\.time) != b.map(\.time) { found.append("the tags of a scan have not the same times") }
        let halves = zip(a, b).count { $0.number != $1.number }
        if halves > 0 { found.append("\(halves) scans are put together from two") }
        let values = a.compactMap(\.number)
        if Set(values).count != values.count {
            found.append("\(values.count - Set(values).count) scans are there twice")
        }
        for (earlier, later) in zip(a, a.dropFirst()) where later.time - earlier.time > Ledger.patience {
            if !isExplained(from: earlier.time, to: later.time) {
                found.append("nothing explains the gap of \(later.time - earlier.time) ms after \(earlier.time)")
            }
        }
        return found
    }

    private func isExplained(from start: Int64, to end: Int64) -> Bool {
        events.contains { event in
            switch event.kind {
            case .started, .stopped, .annotation: false
            // An event is written a moment after what it tells.
            default:
                event.start < end + Ledger.patience && (event.end ?? .max) >= start - Ledger.patience
            }
        }
    }
}
