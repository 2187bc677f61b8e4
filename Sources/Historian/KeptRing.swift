import Digest
public import Plant
public import Ring

/// The recorder's ring, in memory that outlives the process: what was accepted and not yet committed is there after a
/// crash, a kill and an upgrade, when somebody kept the memory open meanwhile.
///
/// A block stays in the ring until the transaction with its scan is durable. What its slots mean is told by a hash of the
/// plant's groups; behind a change of the plant, the mark in the ring has the hash of what follows.
///
/// A run copies what it can use into a ring of its own, and marks there where it begins itself: while the database refuses,
/// one run may end after another, and each time without a process is a gap. It only looks at the memory of the run before:
/// a start that fails leaves everything to the next.
@frozen
public struct KeptRing: ~Copyable {
    public let ring: Ring<Cell>
    public let found: Found

    /// What the memory of the run before held.
    @frozen
    public struct Found: Hashable, Sendable {
        /// Blocks that this run writes.
        public var blocks = 0
        /// What this run cannot write, and why.
        public var lost: String?
        /// Why what this run accepts will not outlive it.
        public var fault: String?
    }

    /// - Parameters:
    ///   - descriptor: the memory of the run before, if anybody kept it; closed here.
    ///   - capacity: cells of the ring, more when the run before left more.
    ///   - time: when this run begins, UTC milliseconds.
    public init(after descriptor: CInt?, capacity: Int, of plant: Plant, at time: Int64) {
        let layout = KeptRing.layout(of: plant)
        var found = Found()
        var left = Left()
        var room = Ring<Cell>.size(capacity)
        if let descriptor {
            do {
                let ring = try Ring<Cell>(adopting: descriptor)
                room = max(room, ring.producer.storage.capacity)
                left = KeptRing.usable(ring, layout, &found)
            } catch {
                found.lost = "\(error)"
            }
        }
        // A full ring would grow with every kill. A run that found no room in it has left nothing but its mark.
        while left.emptyRuns > 0, left.cells.count + ScanHeader.reserve > room { left.dropEmptyRun() }
        let cells = left.cells + RingMark.start(time).block
        let capacity = max(capacity, cells.count + ScanHeader.cells)
        var ring: Ring<Cell>
        do {
            ring = try Ring(capacity: capacity, keptAs: "cupel-readings", layout: layout)
        } catch {
            ring = Ring(capacity: capacity)
            found.fault = "\(error)"
        }
        _ = cells.withUnsafeBufferPointer { ring.producer.publish($0) }
        self.ring = ring
        self.found = found
    }

    /// Blocks one behind the other, starts of runs among them, but no changes of the plant.
    private struct Left {
        var cells: [Cell] = []
        /// Starts at the end, with nothing behind them.
        var emptyRuns = 0

        mutating func dropEmptyRun() {
            cells.removeLast(ScanHeader.cells)
            emptyRuns -= 1
        }
    }

    /// The blocks that are whole and mean what those of the plant mean. A start means the same in every plant.
    private static func usable(_ ring: consuming Ring<Cell>, _ wanted: UInt64, _ found: inout Found) -> Left {
        let count = ring.consumer.available()
        var cells = (0..<count).map { ring.consumer.peek($0) }
        var layout = ring.producer.storage.memory?.layout
        var (at, strangers) = (0, 0)
        var usable = Left()
        while at < count {
            let end = cells.withUnsafeMutableBufferPointer { KeptRing.end(ofBlock: at, in: $0) }
            guard let end else {
                found.lost = "the last \(count - at) cells are damaged"
                break
            }
            let header = ScanHeader(cells[at], cells[at + 1], cells[at + 2])
            switch RingMark(header) {
            case .change(_, let next): layout = next
            case .start:
                usable.cells += cells[at..<end]
                usable.emptyRuns += 1
            case nil where layout == wanted:
                usable.cells += cells[at..<end]
                usable.emptyRuns = 0
                found.blocks += 1
            case nil: strangers += 1
            }
            at = end
        }
        if strangers > 0 {
            let text = "\(strangers) blocks are of another configuration"
            found.lost = found.lost.map { "\(text), and \($0)" } ?? text
        }
        return usable
    }

    /// Where a block ends; `nil` when it is not whole.
    private static func end(ofBlock at: Int, in cells: UnsafeMutableBufferPointer<Cell>) -> Int? {
        guard cells.count - at >= ScanHeader.cells else { return nil }
        let length = ScanHeader.blockCells(cells[at])
        guard length >= ScanHeader.cells, length <= cells.count - at else { return nil }
        let block = UnsafeMutableBufferPointer(rebasing: cells[at..<at + length])
        return BlockCheck.matches(block) ? at + length : nil
    }

    /// The numbers of the next scans of each group, by its place in the plant, when those that are whole in the ring are
    /// counted, too. The number of half a scan is given again, so that it leaves no hole.
    static func sequences(after stored: [UInt64], in consumer: inout RingConsumer<Cell>) -> [UInt64] {
        var next = stored
        var open: [Int: (sequence: UInt64, blocks: Int)] = [:]
        var at = 0
        let available = consumer.available()
        while at < available {
            let header = ScanHeader(consumer.peek(at), consumer.peek(at + 1), consumer.peek(at + 2))
            at += ScanHeader.cells + Int(header.count)
            if case .start = RingMark(header) { open = [:] }
            let group = Int(header.group)
            guard next.indices.contains(group) else { continue }
            let before = open[group].flatMap { $0.sequence == header.sequence ? $0.blocks : nil } ?? 0
            open[group] = (header.sequence, before + 1)
            let isWhole = !header.loss.isGood || before + 1 == Int(header.blocks)
            if isWhole { next[group] = max(next[group], header.sequence + 1) }
        }
        return next
    }

    /// When the runs began whose marks are in the ring, UTC milliseconds; the last is this one.
    static func starts(in consumer: inout RingConsumer<Cell>) -> [Int64] {
        var starts: [Int64] = []
        var at = 0
        let available = consumer.available()
        while at < available {
            let header = ScanHeader(consumer.peek(at), consumer.peek(at + 1), consumer.peek(at + 2))
            at += ScanHeader.cells + Int(header.count)
            if case .start(let time) = RingMark(header) { starts.append(time) }
        }
        return starts
    }

    /// A number for what the blocks of a plant mean: its groups by their numbers, how often they are read, and what their
    /// slots hold before and after it is rounded.
    public static func layout(of plant: Plant) -> UInt64 {
        var text = ""
        for group in plant.groups {
            text += "\(KeptRing.version)\n\(group.name)\n\(group.period)\n"
            for tag in group.tags.map({ plant.tags[$0] }) {
                let slot = (try? StableJSON.text(SlotMap(tag))) ?? ""
                let rounding = tag.resolution.map(\.description) ?? ""
                text += "\(slot)\n\(tag.type) \(tag.scale) \(tag.offset) \(rounding)\n"
            }
        }
        return Digest.sha256(Array(text.utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Of what a block's cells mean: raised with every change of `ScanHeader` and `RawReading`.
    private static let version = 1
}
