import Archive
import Plant
import Ring

/// Puts the blocks of the ring together to whole scans, and notices what is missing.
///
/// A scan is kept when all its blocks have come, and not at all otherwise. Because a line numbers its scans without a
/// gap, a jump in the numbers is a loss on the way here, and is told as an event.
struct ScanAssembler {
    private var groups: [AssembledGroup]
    /// The number the next event gets. The recorder is the only writer, so it can count by itself.
    var nextEvent: Int64
    /// The place of the next scan among those of all groups.
    var nextOrdinal: Int64
    /// Scans given up because a block of theirs never came.
    private(set) var incompleteScans: UInt64 = 0
    /// Scans of which nothing came.
    private(set) var missingScans: UInt64 = 0
    /// Blocks that fit no group, slot or open scan.
    private(set) var strayBlocks: UInt64 = 0
    /// Whether the blocks are those of the runs before. Some may be in the database already: a scan is released from the
    /// ring when it is durable and those before it are.
    private var isResuming = false
    private var overflow: Overflow?

    /// - Parameter isResuming: what comes first is what runs before left in the ring; then `beginRun`.
    init(plant: Plant, nextSequence: [UInt64], nextEvent: Int64, nextOrdinal: Int64, isResuming: Bool = false) {
        groups = plant.groups.map { AssembledGroup($0, of: plant, expected: nextSequence[$0.id]) }
        self.isResuming = isResuming
        self.nextEvent = nextEvent
        self.nextOrdinal = nextOrdinal
    }

    /// Moves whole blocks from the ring into the batch, until the ring is empty, the batch holds `limit` cells, or a mark
    /// comes.
    ///
    /// They stay in the ring until they are released.
    ///
    /// - Returns: the mark that is next in the ring, and stays there.
    mutating func drain(_ consumer: inout RingConsumer<Cell>, into batch: inout Batch, limit: Int) -> RingMark? {
        defer { tellOverflow(in: &batch) }
        while batch.cells < limit, consumer.available() >= ScanHeader.cells {
            let header = ScanHeader(consumer.peek(0), consumer.peek(1), consumer.peek(2))
            if let mark = RingMark(header) { return mark }
            let cells = ScanHeader.cells + Int(header.count)
            precondition(consumer.available() >= cells, "blocks are published whole")
            take(header, consumer, into: &batch)
            consumer.pass(cells)
            batch.cells += cells
        }
        return nil
    }

    /// The place in the ring before which nothing is needed any more once all scans that were whole are durable: the first
    /// block of the oldest scan that is not, or `position`.
    ///
    /// - Parameter limit: cells that such scans may hold. One that would hold more is no longer held.
    func needed(before position: Int, atMost limit: Int) -> Int {
        groups.lazy.filter(\.isOpen).map(\.place).filter { position - $0 <= limit }.reduce(position, min)
    }

    /// All blocks of a run have been taken, and those of the next one come. Scans that were half made when it ended never
    /// become whole; their numbers come again.
    ///
    /// - Parameter isOwn: the next one is this run.
    /// - Returns: the time of the newest scan so far that was taken, UTC milliseconds.
    mutating func beginRun(of plant: Plant, isOwn: Bool, into batch: inout Batch) -> Int64? {
        let newest = groups.lazy.filter(\.hasTime).map(\.time).max()
        for id in groups.indices { end(id, at: newest ?? 0, into: &batch) }
        groups = plant.groups.map { AssembledGroup($0, of: plant, expected: groups[$0.id].afterWhole) }
        isResuming = !isOwn
        return newest
    }

    /// Goes on with another plant's numbers.
    ///
    /// - Parameters:
    ///   - nextSequence: what is stored, for groups that were not read until now.
    ///   - kept: groups whose lines go on. A scan of the others that is half here will never be whole.
    mutating func changeOver(
        to plant: Plant, nextSequence: [UInt64], kept: Set<ScanGroup.ID>, at time: Int64, into batch: inout Batch
    ) {
        let numbers = Dictionary(groups.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        var gone = Set(groups.indices)
        let next = plant.groups.map { group in
            var state = AssembledGroup(group, of: plant, expected: nextSequence[group.id])
            guard let before = numbers[group.name] else { return state }
            gone.remove(before)
            if kept.contains(group.id) { return groups[before] }
            if groups[before].isOpen { incompleteScans += 1 }
            state.goOn(after: groups[before])
            return state
        }
        for id in gone { end(id, at: time, into: &batch) }
        groups = next
    }

    /// Ends what is open when the recorder stops: gaps end with it, half scans are given up.
    mutating func finish(at time: Int64, into batch: inout Batch) {
        for id in groups.indices { end(id, at: time, into: &batch) }
    }

    private mutating func end(_ id: ScanGroup.ID, at time: Int64, into batch: inout Batch) {
        if groups[id].isOpen {
            groups[id].isOpen = false
            incompleteScans += 1
        }
        closeGap(of: id, at: time, into: &batch)
    }

    private mutating func take(
        _ header: ScanHeader, _ consumer: borrowing RingConsumer<Cell>, into batch: inout Batch
    ) {
        let id = Int(header.group)
        guard id < groups.count, header.blocks > 0, header.block < header.blocks,
            header.sequence >= groups[id].expected || groups[id].isOpen && header.sequence == groups[id].sequence
        else {
            if !isResuming { strayBlocks += 1 }
            return
        }
        if !groups[id].isOpen || groups[id].sequence != header.sequence {
            begin(header, of: id, at: consumer.position, into: &batch)
        }
        guard header.loss.isGood else { return lose(header, of: id, into: &batch) }
        guard groups[id].add(header, consumer) else {
            strayBlocks += 1
            return
        }
        if groups[id].missingBlocks == 0 { keep(id, into: &batch) }
    }

    private mutating func begin(
        _ header: ScanHeader, of id: ScanGroup.ID, at place: Int, into batch: inout Batch
    ) {
        if groups[id].isOpen {
            incompleteScans += 1
            // A link that breaks in the middle of a scan is told by the gap that begins now.
            if header.loss.isGood { noteOverflow(missing: 0, incomplete: 1, of: id, at: header.time) }
        }
        if header.sequence > groups[id].expected {
            let missing = header.sequence - groups[id].expected
            missingScans += missing
            noteOverflow(missing: missing, incomplete: 0, of: id, at: header.time)
        } else if groups[id].isLate(header) {
            // The line left scans out, or made none: the machine was busy, or stopped.
            insert(
                HistoryEvent(
                    .gap, start: groups[id].time, end: header.time, subject: groups[id].name, text: Gap.late),
                into: &batch)
        }
        groups[id].begin(header, at: place)
    }

    private mutating func keep(_ id: ScanGroup.ID, into batch: inout Batch) {
        groups[id].isOpen = false
        groups[id].afterWhole = groups[id].sequence + 1
        let start = batch.text.count
        batch.text.append(values: groups[id].readings, types: groups[id].types, texts: groups[id].texts)
        let middle = batch.text.count
        let anyBad = batch.text.append(qualities: groups[id].readings)
        batch.rows.append(
            Batch.Row(
                time: RowKey.clamped(groups[id].time), group: id, sequence: groups[id].sequence,
                ordinal: takeOrdinal(), tookMilliseconds: (groups[id].replied - groups[id].sent) / 1_000_000,
                values: start..<middle, bad: anyBad ? middle..<batch.text.count : nil))
        batch.readings += groups[id].readings.count
        closeGap(of: id, at: groups[id].time, into: &batch)
    }

    /// A lost group is a row too: it says that somebody asked, when, and what went wrong.
    private mutating func lose(_ header: ScanHeader, of id: ScanGroup.ID, into batch: inout Batch) {
        groups[id].isOpen = false
        groups[id].afterWhole = header.sequence + 1
        let start = batch.text.count
        batch.text.append(contentsOf: "[]".utf8)
        let middle = batch.text.count
        batch.text.append(contentsOf: "{\"all\":".utf8)
        batch.text.append(decimal: UInt64(header.loss.rawValue))
        batch.text.append(UInt8(ascii: "}"))
        batch.rows.append(
            Batch.Row(
                time: RowKey.clamped(header.time), group: id, sequence: header.sequence, ordinal: takeOrdinal(),
                tookMilliseconds: (header.replied - header.sent) / 1_000_000, values: start..<middle,
                bad: middle..<batch.text.count))
        if groups[id].gap == nil {
            let event = HistoryEvent(
                .gap, start: header.time, end: nil, subject: groups[id].name, text: header.loss.name)
            groups[id].gap = insert(event, into: &batch)
        }
    }

    private mutating func takeOrdinal() -> Int64 {
        defer { nextOrdinal += 1 }
        return nextOrdinal
    }

    private mutating func closeGap(of id: ScanGroup.ID, at time: Int64, into batch: inout Batch) {
        guard let event = groups[id].gap else { return }
        batch.events.append(.close(id: event, end: time))
        groups[id].gap = nil
    }

    @discardableResult
    mutating func insert(_ event: HistoryEvent, into batch: inout Batch) -> Int64 {
        let id = nextEvent
        nextEvent += 1
        batch.events.append(.insert(id: id, event))
        return id
    }
}

// MARK: - Losses on the way here

extension ScanAssembler {
    /// All the jumps of one drain, told together: when the ring was full, every group was hit.
    private struct Overflow {
        var start: Int64
        var end: Int64
        var missing: UInt64 = 0
        var incomplete: UInt64 = 0
        var groups: Set<ScanGroup.ID> = []
    }

    private mutating func noteOverflow(missing: UInt64, incomplete: UInt64, of id: ScanGroup.ID, at time: Int64) {
        let since = groups[id].hasTime ? groups[id].time : time
        var noted = overflow ?? Overflow(start: since, end: time)
        noted.start = min(noted.start, since)
        noted.end = max(noted.end, time)
        noted.missing += missing
        noted.incomplete += incomplete
        noted.groups.insert(id)
        overflow = noted
    }

    private mutating func tellOverflow(in batch: inout Batch) {
        guard let noted = overflow else { return }
        overflow = nil
        let names = noted.groups.sorted().map { groups[$0].name }
        insert(
            HistoryEvent(
                .overflow, start: noted.start, end: noted.end, subject: names.count == 1 ? names[0] : nil,
                text: "scans were lost before the recorder: its ring was full",
                attributes: [
                    "scans": String(noted.missing + noted.incomplete), "incomplete": String(noted.incomplete),
                    "groups": String(names.count),
                ]), into: &batch)
    }
}
