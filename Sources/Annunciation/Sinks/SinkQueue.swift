import Plant

/// The lines that wait for one sink, in order, never more than a limit.
///
/// What does not fit is read from the journal later (`isBehind`): a sink that acknowledges loses none, nor does one
/// whose reader reads. From one whose reader does not, the least urgent, oldest line goes, and a gap says how many went.
struct SinkQueue {
    struct Item {
        /// Of its own: events that could not be journalled have no sequence, and resent ones have it again.
        let number: Int
        let line: AlarmLine
        /// CLOCK_MONOTONIC nanoseconds from which its age counts.
        let born: Int64
        var tries = 0
        /// A try of it may have succeeded unheard.
        var mayHaveArrived = false

        /// What goes out.
        var outgoing: AlarmLine { mayHaveArrived ? line.again : line }
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
    /// The newest sign of life, for when nothing else is to be said.
    private(set) var heartbeat: AlarmLine?
    private var numbered = 0
    /// The number of the newest line that is being sent: what may arrive must not be told as lost.
    private var sending = 0
    /// The newest line that was offered, whether or not it was taken.
    private var offered: Int64
    let keepsAll: Bool

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
    ///
    /// - Parameter isFailing: nobody takes lines now.
    mutating func offer(
        _ lines: [AlarmLine], at now: Int64, isFailing: Bool = false, as taken: (AlarmLine) -> AlarmLine?
    ) {
        for line in lines {
            if line.sequence > 0 {
                offered = max(offered, line.sequence)
                guard !isBehind else { continue }
                // What a sink had before a change of its definition is not new to it.
                guard line.sequence > position else { continue }
            }
            guard let line = taken(line) else {
                position = max(position, line.sequence)
                continue
            }
            if line.kind == .heartbeat {
                heartbeat = line
            } else if items.count >= SinkQueue.limit, keepsAll || !isFailing && line.sequence > 0 {
                // Without a number it is on its way to the disk, and comes again when it is there.
                if line.sequence > 0 { isBehind = true }
            } else {
                append(line, born: now)
            }
        }
    }

    /// The sign of life, to be sent now or never: an old one would lie.
    mutating func takeHeartbeat() -> AlarmLine? {
        defer { heartbeat = nil }
        return heartbeat
    }

    /// Takes a page of the journal, in order, the first after `position`.
    ///
    /// - Parameter born: of a line, from the time it took effect.
    mutating func catchUp(
        with page: [AlarmLine], born: (AlarmLine) -> Int64, as taken: (AlarmLine) -> AlarmLine?
    ) {
        for line in page {
            if let line = taken(line) {
                append(line, born: born(line))
            } else {
                position = max(position, line.sequence)
            }
        }
        if page.isEmpty, position < offered { position = offered }
        if position >= offered { isBehind = false }
    }

    /// Queues what was delivered or given up before, or never: it is wanted now, whatever its number.
    ///
    /// - Returns: those that wait now; not those for which there is no room.
    mutating func resend(_ lines: [AlarmLine], at now: Int64) -> [Int64] {
        var waiting = Set(items.map(\.line.sequence))
        return lines.filter { line in
            if waiting.contains(line.sequence) { return true }
            guard items.count < SinkQueue.limit else { return false }
            var late = line
            late.tellsState = false
            add(late, born: now)
            waiting.insert(line.sequence)
            return true
        }.map(\.sequence)
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
    mutating func tried(_ tried: [Item]) {
        let numbers = Set(tried.map(\.number))
        for index in items.indices where numbers.contains(items[index].number) { items[index].tries += 1 }
    }

    /// Nobody knows whether these arrived.
    mutating func doubt(_ doubted: ArraySlice<Item>) {
        let numbers = Set(doubted.map(\.number))
        for index in items.indices where numbers.contains(items[index].number) { items[index].mayHaveArrived = true }
    }

    /// These need no more tries. Some may have gone already, for want of room.
    mutating func remove(_ done: ArraySlice<Item>) {
        guard !done.isEmpty else { return }
        let numbers = Set(done.map(\.number))
        items.removeAll { numbers.contains($0.number) }
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
