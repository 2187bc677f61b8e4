import Plant

/// A tag that is not read but calculated, each time its group's blocks have come.
struct ComputedTag: Sendable {
    let tag: Tag.ID
    let slot: Int
    private let formula: Formula
    private let inputs: [Input]
    private let range: ClosedRange<Double>?
    private let clamps: Bool
    /// Nanoseconds.
    private let stuckAfter: Int64?

    private struct Input: Sendable {
        let tag: Tag.ID
        /// Nanoseconds after which it is stale. One of the same group is of this very scan.
        let staleAfter: Int64?
    }

    /// The number that came last, and when it was first seen: what "stuck" is told by.
    struct Memory: Sendable, Equatable {
        var bits: UInt64 = 0
        /// CLOCK_MONOTONIC nanoseconds; `nil` before the first number.
        var since: Int64?
    }

    /// `nil` for a tag without a formula.
    init?(_ tag: Tag, of plant: Plant) {
        guard let formula = tag.formula else { return nil }
        self.tag = tag.id
        slot = tag.slot
        self.formula = formula
        inputs = formula.inputs.map { id in
            let group = plant.tags[id].group
            return Input(tag: id, staleAfter: group == tag.group ? nil : plant.staleAfter(plant.tags[id]))
        }
        range = tag.range
        clamps = tag.rules.clamps
        stuckAfter = tag.rules.stuckAfter?.nanoseconds
    }

    /// Calculates it from the latest readings.
    ///
    /// The worst input decides: the first bad one gives its cause and no number, else the first uncertain one its doubt.
    /// The result is then judged as a read value is: is it a number, is it in its range, does it ever move.
    ///
    /// - Parameter now: CLOCK_MONOTONIC nanoseconds of the reply that completed the scan.
    func reading(
        _ latest: [LatestReading], _ scalings: [Scaling], _ memory: inout Memory, at now: Int64
    ) -> RawReading {
        var doubt = Quality.good
        for input in inputs {
            let quality = latest[input.tag].quality(at: now, staleAfter: input.staleAfter)
            if quality.isBad { return RawReading(bits: 0, slot: slot, quality: quality) }
            if doubt.isGood { doubt = quality }
        }
        var value = formula.value { scalings[$0].engineering(latest[$0].bits) }
        guard value.isFinite else { return RawReading(bits: 0, slot: slot, quality: .undefined) }
        if let range, !range.contains(value) {
            guard clamps else { return RawReading(bits: 0, slot: slot, quality: .outOfRange) }
            value = value < range.lowerBound ? range.lowerBound : range.upperBound
            if doubt.isGood { doubt = .clamped }
        }
        let bits = value.bitPattern
        if isStuck(bits, &memory, at: now), doubt.isGood { doubt = .frozen }
        return RawReading(bits: bits, slot: slot, quality: doubt)
    }

    private func isStuck(_ bits: UInt64, _ memory: inout Memory, at now: Int64) -> Bool {
        guard let since = memory.since, memory.bits == bits else {
            memory = Memory(bits: bits, since: now)
            return false
        }
        guard let stuckAfter else { return false }
        return now - since > stuckAfter
    }
}
