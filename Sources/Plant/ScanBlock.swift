/// What the rings carry: 16 bytes, moved as they are.
@frozen
public struct Cell: BitwiseCopyable, Sendable, Equatable {
    public var low: UInt64
    public var high: UInt64

    @inlinable public init(low: UInt64 = 0, high: UInt64 = 0) { (self.low, self.high) = (low, high) }
}

/// The front of every block in a ring: which scan, when, and how many cells follow.
///
/// A scan of a group is one or more blocks, one for each request; each is published with one release store. The watch
/// uses a block as it arrives, the recorder keeps a scan when all its blocks are there. A block with `loss` set stands
/// for the whole group: the link is gone, no cell follows, and every tag of the group has its `cause`.
@frozen
public struct ScanHeader: Equatable, Sendable {
    /// Cells the header takes in a ring.
    public static let cells = 3
    /// Room in the recorder's ring that no reading gets, for what must not be refused for want of it: a change of the plant,
    /// and the start of the next run.
    public static let reserve = 2 * cells

    /// Counts the scans of this group without a gap, across restarts.
    public var sequence: UInt64
    public var group: UInt32
    /// Cells behind the header.
    public var count: UInt16
    public var block: UInt16
    public var blocks: UInt16
    /// `.good` unless the whole group is lost.
    public var loss: Quality
    /// CLOCK_MONOTONIC in nanoseconds: just before the first request of the scan, and just after this block's reply.
    public var sent: Int64
    public var replied: Int64
    /// UTC minus CLOCK_MONOTONIC in nanoseconds, as it was at `sent`.
    public var wallOffset: Int64
    /// See `BlockCheck`; 0 on the way to the watch, which nothing outlives.
    public var check: UInt32 = 0

    public init(
        sequence: UInt64, group: Int, count: Int = 0, block: Int = 0, blocks: Int = 1, loss: Quality = .good,
        sent: Int64, replied: Int64, wallOffset: Int64
    ) {
        self.sequence = sequence
        self.group = UInt32(group)
        self.count = UInt16(count)
        self.block = UInt16(block)
        self.blocks = UInt16(blocks)
        self.loss = loss
        self.sent = sent
        self.replied = replied
        self.wallOffset = wallOffset
    }

    /// UTC milliseconds when the scan's first request left: the time of all its readings.
    @inlinable public var time: Int64 { (sent &+ wallOffset) / 1_000_000 }

    @inlinable public var cell0: Cell {
        Cell(low: sequence, high: UInt64(group) | UInt64(count) << 32 | UInt64(loss.rawValue) << 48)
    }
    @inlinable public var cell1: Cell { Cell(low: UInt64(bitPattern: sent), high: UInt64(bitPattern: replied)) }
    @inlinable public var cell2: Cell {
        Cell(low: UInt64(bitPattern: wallOffset), high: UInt64(block) | UInt64(blocks) << 16 | UInt64(check) << 32)
    }

    @inlinable
    public init(_ cell0: Cell, _ cell1: Cell, _ cell2: Cell) {
        sequence = cell0.low
        group = UInt32(truncatingIfNeeded: cell0.high)
        count = UInt16(truncatingIfNeeded: cell0.high >> 32)
        loss = Quality(rawValue: UInt8(truncatingIfNeeded: cell0.high >> 48))
        sent = Int64(bitPattern: cell1.low)
        replied = Int64(bitPattern: cell1.high)
        wallOffset = Int64(bitPattern: cell2.low)
        block = UInt16(truncatingIfNeeded: cell2.high)
        blocks = UInt16(truncatingIfNeeded: cell2.high >> 16)
        check = UInt32(truncatingIfNeeded: cell2.high >> 32)
    }

    /// Cells of the whole block, read from its first cell alone.
    @inlinable
    public static func blockCells(_ first: Cell) -> Int { cells + Int(UInt16(truncatingIfNeeded: first.high >> 32)) }
}

/// One value of a scan in a ring: its slot in the group, its quality and its raw bits.
///
/// The text of a string follows in `continuation` more cells, 16 bytes each, the unused ones zero.
@frozen
public struct RawReading: Equatable, Sendable {
    public var bits: UInt64
    public var slot: UInt16
    public var quality: Quality
    public var continuation: UInt8

    @inlinable
    public init(bits: UInt64, slot: Int, quality: Quality, continuation: Int = 0) {
        self.bits = bits
        self.slot = UInt16(truncatingIfNeeded: slot)
        self.quality = quality
        self.continuation = UInt8(truncatingIfNeeded: continuation)
    }

    @inlinable
    public var cell: Cell {
        Cell(low: bits, high: UInt64(slot) | UInt64(quality.rawValue) << 16 | UInt64(continuation) << 24)
    }

    @inlinable
    public init(_ cell: Cell) {
        bits = cell.low
        slot = UInt16(truncatingIfNeeded: cell.high)
        quality = Quality(rawValue: UInt8(truncatingIfNeeded: cell.high >> 16))
        continuation = UInt8(truncatingIfNeeded: cell.high >> 24)
    }
}
