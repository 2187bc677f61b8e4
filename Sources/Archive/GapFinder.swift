import Chunks
import Plant

/// Goes along the readings of a tag and notes when none that is good stood.
struct GapFinder {
    /// Why there is a gap: what came instead, or `nil` where nothing came.
    struct Finding {
        var range: Range<Int64>
        var quality: Quality?
    }

    private let range: Range<Int64>
    /// Up to where is known what stood.
    private var known: Int64
    private var held: Held?
    private(set) var findings: [Finding] = []
    /// A reading behind the range came.
    private(set) var isComplete = false

    private struct Held {
        var time: Int64
        var quality: Quality
        var period: Int64
        var late: Int64
    }

    init(_ range: Range<Int64>) {
        self.range = range
        known = range.lowerBound
    }

    mutating func begin(_ time: Int64, _ quality: Quality, _ slot: SlotFormat) {
        held = Held(time: time, quality: quality, period: slot.period, late: slot.late)
    }

    mutating func add(_ time: Int64, _ quality: Quality, _ slot: SlotFormat) {
        stand(until: time)
        begin(time, quality, slot)
        if time >= range.upperBound { isComplete = true }
    }

    /// Good readings without a late one among them.
    mutating func add(good times: ClosedRange<Int64>, _ slot: SlotFormat) {
        add(times.lowerBound, .good, slot)
        guard !isComplete else { return }
        known = max(known, min(times.upperBound, range.upperBound))
        begin(times.upperBound, .good, slot)
        if times.upperBound >= range.upperBound { isComplete = true }
    }

    /// - Parameter complete: up to where all readings are there; what comes later may still come.
    mutating func finish(complete: Int64) {
        if !isComplete { stand(until: nil, complete) }
        note(until: range.upperBound, nil)
    }

    private mutating func stand(until next: Int64?, _ complete: Int64 = .max) {
        if let held {
            let isLate = (next ?? complete).clampedSubtracting(held.time) > held.late
            let end = isLate ? held.time + held.period : next ?? range.upperBound
            if held.quality.isGood {
                known = max(known, min(end, range.upperBound))
            } else {
                note(until: end, held.quality)
            }
        }
        if let next { note(until: next, nil) }
    }

    private mutating func note(until end: Int64, _ quality: Quality?) {
        let end = min(end, range.upperBound)
        guard end > known else { return }
        if let last = findings.last, last.range.upperBound == known, last.quality == quality {
            findings[findings.count - 1].range = last.range.lowerBound..<end
        } else {
            findings.append(Finding(range: known..<end, quality: quality))
        }
        known = end
    }
}
