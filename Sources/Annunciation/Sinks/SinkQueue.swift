import Plant

/// The lines that wait for one sink, in order, never more than a limit.
///
/// A sink that acknowledges loses none: what does not fit is read from the journal later (`isBehind`). Of the others the
/// least urgent, oldest line goes, and a gap says how many went.
struct SinkQueue {
    struct Item {
        /// Of its own: events that could not be journalled have no sequence, and resent ones have it again.
        let number: Int
        let line: AlarmLine
        /// CLOCK_MONOTONIC nanoseconds from which its age counts.
        let born: Int64
        var tries = 0
    }

    /// Half a day of the busiest plant that is still run by people (EEMUA 191: under 1 alarm a minute), and 4 MiB.
    static let limit = 1000

    private(set) var items: [Item] = []
    /// The newest line that was looked at: everything up to it waits here, is delivered, or was not for this sink.
    private(set) var position: Int64
    /// Later lines are in the journal alone.
    private(set) var isBehind: Bool
    private(set) var gap: Gap?
    private(set) var lost = 0
    private var numbered = 0
    /// The number of the newest line that is being sent: what may arrive must not be told as lost.
    private var sending = 0
    /// The newest line that was offered, whether or not it was taken.
    private var offered: Int64
    private let keepsAll: Bool

    struct Gap: Hashable {
        var from: Int64
        var to: Int64
        var lost: Int
    }

    /// - Parameters:
    ///   - keepsAll: the sink acknowledges.
    ///   - position: where it goes on.
    ///   - newest: the journal's newest line; later than `position`, the sink begins behind.
    init(keepsAll: Bool, position: Int64, newest: Int64) {
        self.keepsAll = keepsAll
        self.position = position
        offered = newest
        isBehind = position < newest
    }

    /// Queues lines that were just committed.
    mutating func offer(_ lines: [AlarmLine], at now: Int64, where wanted: (AlarmLine) -> Bool) {
        for line in lines {
            if line.sequence > 0 {
                offered = max(offered, line.sequence)
                guard !isBehind else { continue }
                // What a sink had before a change of its definition is not new to it.
                guard line.sequence > position else { continue }
            }
            guard wanted(line) else {
                position = max(position, line.sequence)
                continue
            }
            // A heartbeat is only news to a reader that has everything else.
            if line.kind == .heartbeat, isBehind || !items.isEmpty { continue }
            if keepsAll, items.count >= SinkQueue.limit {
                // Without a number it is on its way to the disk, and comes again when it is there.
                if line.sequence > 0 { isBehind = true }
                continue
            }
            append(line, born: now)
        }
    }

    /// Takes a page of the journal, in order, the first after `position`.
    ///
    /// - Parameter born: of a line, from the time it took effect.
    mutating func catchUp(with page: [AlarmLine], born: (AlarmLine) -> Int64, where wanted: (AlarmLine) -> Bool) {
        for line in page {
            if wanted(line) { append(line, born: born(line)) } else { position = max(position, line.sequence) }
        }
        if page.isEmpty, position < offered { position = offered }
        if position >= offered { isBehind = false }
    }

    /// Queues what was delivered or given up before, or never: it is wanted now, whatever its number.
    mutating func resend(_ lines: [AlarmLine], at now: Int64) {
        for line in lines { add(line, born: now) }
    }

    private mutating func add(_ line: AlarmLine, born: Int64) {
        numbered += 1
        items.append(Item(number: numbered, line: line, born: born))
    }

    private mutating func append(_ line: AlarmLine, born: Int64) {
        position = max(position, line.sequence)
        add(line, born: born)
        guard !keepsAll, items.count > SinkQueue.limit else { return }
        var victim = items.firstIndex { $0.number > sending } ?? items.endIndex - 1
        for index in victim..<items.endIndex where items[index].line.rank < items[victim].line.rank { victim = index }
        let sequence = items.remove(at: victim).line.sequence
        lost += 1
        var gap = gap ?? Gap(from: .max, to: 0, lost: 0)
        if sequence > 0 { (gap.from, gap.to) = (min(gap.from, sequence), max(gap.to, sequence)) }
        gap.lost += 1
        self.gap = gap
    }

    /// The reader knows of so many; more may have gone since.
    mutating func told(_ told: Gap) {
        guard var left = gap else { return }
        left.lost -= told.lost
        gap = left.lost > 0 ? left : nil
    }

    /// These are being sent from now on; none, when the last ones were.
    mutating func handOut(_ items: [Item]) { sending = items.last?.number ?? 0 }

    /// One more try was made for these.
    mutating func tried(_ tried: ArraySlice<Item>) {
        guard let last = tried.last else { return }
        for index in items.indices.prefix(while: { items[$0].number <= last.number }) { items[index].tries += 1 }
    }

    /// These need no more tries. Some may have gone already, for want of room.
    mutating func remove(_ done: ArraySlice<Item>) {
        guard let last = done.last else { return }
        items.removeFirst(items.prefix { $0.number <= last.number }.count)
    }

    /// Events that nobody here has looked at.
    var unseen: Int64 { isBehind ? max(0, offered - position) : 0 }

    /// Everything up to here needs nothing more of this sink. Lost lines that the reader was not told of do: a daemon
    /// that dies before must find out again how many there are.
    var settled: Int64 {
        let untold = gap.map { $0.to > 0 ? $0.from - 1 : position } ?? position
        guard let first = items.first(where: { $0.line.sequence > 0 }) else { return min(position, untold) }
        return min(position, first.line.sequence - 1, untold)
    }
}
