import Plant
import TestSupport

@testable import Archive

/// A history with everything in it that can happen to one, and what a reader must find there, told by a list of rows
/// that is searched from end to end.
struct RandomHistory {
    let fixture: HistoryFixture
    private(set) var rows: [FixtureRow] = []
    /// Where something begins or ends: the borders of spans.
    private(set) var borders: [Int64] = []
    private(set) var horizon = Int64.min
    private var random: SeededRandom
    private var ordinal: Int64 = 0

    static let types: [ValueType] = [.uint16, .float32, .bool, .uint16, .string(registers: 8), .uint16, .uint64]
    static let begin: Int64 = 1_767_434_400_000

    init(seed: UInt64, scans: Int = 120, imports: Bool = true) throws {
        random = SeededRandom(seed: seed)
        fixture = try HistoryFixture()
        try fixture.tag(1, "a.flow", type: .uint16)
        try fixture.tag(2, "a.temp")
        try fixture.tag(3, "b.on", kind: "bool", type: .bool, stepped: true)
        try fixture.tag(4, "b.count", type: .uint16, stepped: true, counter: true)
        try fixture.tag(5, "c.name", kind: "text", type: .string(registers: 8), stepped: true)
        try fixture.tag(6, "c.phase", kind: "enum", type: .uint16, stepped: true, states: #"{"1":"melt","2":"soak"}"#)
        try fixture.tag(7, "c.big", type: .uint64)
        try fixture.group(1, "A/fast")
        try fixture.group(2, "B/fast")
        try fixture.group(3, "C/slow", period: 5000)
        try fixture.layout(1, of: 1, [slot(1, scale: 0.5), slot(2), slot(4)])
        // The same group after a change: another scale, another order.
        try fixture.layout(2, of: 1, period: 500, [slot(2, scale: -2, offset: 7), slot(1, scale: 0.5)])
        try fixture.layout(3, of: 2, [slot(3), slot(6), slot(4)])
        // A tag that moved here from another group.
        try fixture.layout(4, of: 2, [slot(3), slot(2), slot(6)])
        try fixture.layout(5, of: 3, period: 5000, [slot(5), slot(7), slot(1, scale: 0.25, offset: -3)])
        var states = [GroupWalk(group: 1, layouts: [1, 2], period: 1000, time: RandomHistory.begin)]
        states.append(GroupWalk(group: 2, layouts: [3, 4], period: 1000, time: RandomHistory.begin + 137))
        states.append(GroupWalk(group: 3, layouts: [5], period: 5000, time: RandomHistory.begin + 41))
        for _ in 0..<scans {
            // The group that is due next scans next.
            let index = states.indices.min { states[$0].time < states[$1].time } ?? 0
            live(&states[index])
        }
        if imports {
            try fixture.group(8, "@import/a.temp", imported: true)
            try fixture.layout(8, of: 8, [FixtureSlot(tag: 2, type: .float64)])
            importRows()
        }
        try store(seed: seed)
        if random.chance(30) {
            horizon = pickedTime()
            try fixture.mark("raw_from", horizon)
        }
    }

    private func slot(_ tag: Int64, scale: Double? = nil, offset: Double = 0) -> FixtureSlot {
        FixtureSlot(
            tag: tag, type: RandomHistory.types[Int(tag) - 1], scale: scale, offset: offset,
            isStepped: [3, 4, 5, 6].contains(tag), isCounter: tag == 4)
    }

    private struct GroupWalk {
        var group: Int64
        var layouts: [Int64]
        var layout = 0
        var period: Int64
        var time: Int64
        var sequence: UInt64 = 0
        var count: UInt64 = 65_000
    }

    // MARK: Making rows

    private mutating func live(_ walk: inout GroupWalk) {
        ordinal += 1
        walk.sequence += random.chance(3) ? 2 : 1
        if random.chance(2), walk.layouts.count > 1 { walk.layout = 1 - walk.layout }
        var row = FixtureRow(
            group: walk.group, layout: walk.layouts[walk.layout], time: walk.time, sequence: walk.sequence,
            ordinal: ordinal, took: Int64(random.next() % 90))
        if random.chance(4) {
            row.loss = random.pick([.timeout, .refused])
        } else {
            for slot in fixture.slots[row.layout] ?? [] { row.samples.append(sample(slot, &walk.count)) }
        }
        rows.append(row)
        switch random.next() % 100 {
        case 0..<4: break  // The same millisecond again.
        case 4..<7: walk.time -= walk.period * Int64(random.next() % 12)
        case 7..<9: walk.time += walk.period * Int64(random.next() % 12)
        case 9..<20: walk.time += Int64(random.next() % UInt64(walk.period))
        default: walk.time += walk.period
        }
    }

    private mutating func sample(_ slot: FixtureSlot, _ count: inout UInt64) -> FixtureSample {
        if random.chance(2) { return FixtureSample(quality: random.pick([.outOfRange, .exception(2)])) }
        var sample = FixtureSample()
        if random.chance(2) { sample.quality = .clamped }
        switch slot.type {
        case .bool: sample.bits = random.next() & 1
        case .string: sample.text = random.pick(["", "x", "soak 2", "heat"])
        case .float32: sample.bits = UInt64(Float(Int64(random.next() % 400) - 200).bitPattern)
        case .float64: sample.bits = Double(Int64(random.next() % 400) - 200).bitPattern
        case .uint64: sample.bits = random.next() >> (random.chance(50) ? 0 : 40)
        default:
            if slot.isCounter {
                count += random.next() % 40
                if random.chance(3) { count = 0 }
                sample.bits = count & 0xFFFF
            } else {
                sample.bits = slot.tag == 6 ? random.next() % 4 : random.next() % 500
            }
        }
        return sample
    }

    /// Rows from people's files: at the very times of live ones, between them, and twice at the same time.
    private mutating func importRows() {
        var count: UInt64 = 0
        for sequence in 1...(rows.count / 4 + 1) {
            let time = pickedTime()
            rows.append(
                FixtureRow(
                    group: 8, layout: 8, time: time, sequence: UInt64(sequence), ordinal: 0, took: 0,
                    samples: [sample(FixtureSlot(tag: 2, type: .float64), &count)]))
        }
    }

    /// That of a row, or near one.
    private mutating func pickedTime() -> Int64 {
        let live = rows.filter { $0.group < 8 }
        return random.pick(live).time + (random.chance(60) ? 0 : Int64(random.next() % 700) - 350)
    }

    // MARK: Storing them

    /// The oldest rows of each group become spans, some wait, the others are hot. Of a history that is being upgraded,
    /// those up to one ordinal are in the old table instead.
    private mutating func store(seed: UInt64) throws {
        var chance = SeededRandom(seed: seed &+ 1_000_000)
        let newestOld = chance.chance(40) ? Int64(chance.next() % UInt64(rows.count)) : 0
        for group in [1, 2, 3, 8] as [Int64] {
            var own = rows.filter { $0.group == group }
            if group == 8 {
                own = random.chance(50) ? own.sorted { ($0.time, $0.sequence) < ($1.time, $1.sequence) } : own
            }
            let sealed = Int(random.next() % UInt64(own.count + 1))
            let moved = min(own.count, sealed + (group == 8 ? own.count : Int(random.next() % 20)))
            try seal(Array(own[..<sealed]))
            for row in own[sealed..<moved] { try fixture.waiting(row) }
            func front(_ row: FixtureRow) throws {
                if group != 8, row.ordinal <= newestOld { try fixture.old(row) } else { try fixture.hot(row) }
            }
            for row in own[moved...] { try front(row) }
            guard group != 8, moved > 0 else { continue }
            try fixture.cut(group, own[moved - 1].ordinal)
            // The sweep has not come by yet.
            if random.chance(60) { for row in own[..<moved].suffix(15) { try front(row) } }
        }
    }

    private mutating func seal(_ rows: [FixtureRow]) throws {
        var open: [FixtureRow] = []
        let length = random.next() % 30 + 1
        for row in rows {
            if let last = open.last,
                row.layout != last.layout || row.time < last.time || row.sequence < last.sequence
                    || UInt64(open.count) >= length
            {
                try close(&open)
            }
            open.append(row)
        }
        try close(&open)
    }

    private mutating func close(_ open: inout [FixtureRow]) throws {
        guard let first = open.first, let last = open.last else { return }
        try fixture.span(open)
        borders += [first.time, last.time]
        open.removeAll()
    }

    /// A range whose ends like to lie at the borders of spans, a millisecond beside them, or at rows.
    func range(_ random: inout SeededRandom) -> Range<Int64> {
        func end() -> Int64 {
            if random.chance(5) { return random.pick([Int64.min, .max]) }
            let around = random.chance(60) && !borders.isEmpty ? random.pick(borders) : random.pick(rows).time
            return around.clampedAdding(random.pick([-1, 0, 1, 2, 500, -500]))
        }
        let (a, b) = (end(), end())
        return min(a, b)..<max(a, b)
    }

    // MARK: What is there

    /// The readings of a tag in their order, as the contract says.
    func readings(_ tag: Int64) -> [OracleReading] {
        var found: [OracleReading] = []
        for row in rows where row.time >= horizon {
            for (index, slot) in (fixture.slots[row.layout] ?? []).enumerated() where slot.tag == tag {
                let sample = row.loss.isGood ? row.samples[index] : FixtureSample(quality: row.loss)
                found.append(
                    OracleReading(
                        time: row.time, group: row.group, sequence: row.sequence, isImported: row.group == 8,
                        slot: slot, sample: sample, period: fixture.periods[row.layout] ?? 0))
            }
        }
        let newest = Dictionary(
            found.filter(\.isImported).map { ($0.time, $0.sequence) }, uniquingKeysWith: max)
        return found.filter { newest[$0.time] == nil || ($0.isImported && newest[$0.time] == $0.sequence) }
            .sorted { ($0.time, $0.group, $0.sequence) < ($1.time, $1.group, $1.sequence) }
    }
}

struct OracleReading {
    var time: Int64
    var group: Int64
    var sequence: UInt64
    var isImported: Bool
    var slot: FixtureSlot
    var sample: FixtureSample
    var period: Int64

    var stored: StoredReading {
        StoredReading(
            time: time, value: value, quality: sample.quality)
    }
    var isGood: Bool { sample.quality.isGood }
    /// `nil` when it is bad or text.
    var number: Double? { sample.quality.isBad || slot.type.isString ? nil : slot.number(sample.bits) }

    private var value: StoredValue {
        if sample.quality.isBad { return .none }
        if slot.type.isString { return .text(sample.text) }
        if slot.scale != nil { return .real(slot.number(sample.bits)) }
        switch slot.type {
        case .float32: return .single(Float(bitPattern: UInt32(sample.bits)))
        case .float64: return .double(Double(bitPattern: sample.bits))
        case .uint64 where sample.bits > UInt64(Int64.max): return .unsigned(sample.bits)
        default: return .integer(Int64(bitPattern: sample.bits))
        }
    }
}
