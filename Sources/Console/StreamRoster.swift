public import Annunciation
import Plant
import Synchronization

/// Everybody who reads the stream, over the socket of its own or over HTTP.
public final class StreamRoster: Sendable {
    /// A reader that has missed lines and takes nothing, not even the line that says so, is closed after so long: three
    /// heartbeats, by which its other end knows as well that something is wrong.
    public static let hardCut: Duration = .seconds(30)
    /// How often that is looked at; a look costs microseconds for each reader.
    static let patrolEvery: Duration = .seconds(1)
    /// A reader that has been in one write for so long does not read. Less may be its turn that is late: while
    /// a thousand joined, lines waited 4 to 6 s for theirs (measured), and whoever is not counted then makes it worse.
    static let blockedAfter: Duration = .seconds(5)

    private struct Member {
        var figures: StreamFigures
        var reader: FeedReader
        /// Closes its connection, whatever it is doing.
        var close: @Sendable () -> Void
        /// When it was first seen to be cut off, or to end, in a write that does not, and when that write began.
        var doomed: (since: Int64, write: Int64)?
        var isEnding = false
    }

    private struct State {
        var members: [Int: Member] = [:]
        var next = 0
        var cut = 0
        var turnedAway = 0
    }

    /// What stands, for those who come.
    let standing = StandingLines()
    private let state = Mutex(State())
    private let silent = Atomic(0)

    public init() {}

    func add(_ figures: StreamFigures, _ reader: FeedReader, close: @escaping @Sendable () -> Void) -> Int {
        joinCrowd()
        return state.withLock { state in
            state.next += 1
            state.members[state.next] = Member(figures: figures, reader: reader, close: close)
            return state.next
        }
    }

    func remove(_ id: Int) { state.withLock { $0.members[id] = nil } }

    /// It hears no more, and goes when it has taken what is on its way.
    func end(_ id: Int) {
        let reader = state.withLock { state in
            state.members[id]?.isEnding = true
            return state.members[id]?.reader
        }
        reader?.finish()
    }

    func noteCut() { state.withLock { $0.cut += 1 } }
    func noteTurnedAway() { state.withLock { $0.turnedAway += 1 } }

    /// Closes those that were cut off and cannot even be told, and counts the crowd anew.
    func patrol(at now: Int64) {
        let figures = state.withLock { $0.members.values.map(\.figures) }
        silent.store(
            figures.count { figures in
                let isBlocked = figures.writingSince.map { now - $0 >= StreamRoster.blockedAfter.nanoseconds } ?? false
                return !isBlocked && !figures.keepsUp
            }, ordering: .relaxed)
        let closing = state.withLock { state -> [Member] in
            var closing: [Member] = []
            for (id, member) in state.members {
                guard let write = member.figures.writingSince, member.isEnding || member.reader.isOverrun else {
                    state.members[id]?.doomed = nil
                    continue
                }
                // Another write than at the last look: it takes lines, if slowly.
                let since = member.doomed.flatMap { $0.write == write ? $0.since : nil } ?? now
                state.members[id]?.doomed = (since, write)
                guard now - since >= StreamRoster.hardCut.nanoseconds else { continue }
                closing.append(member)
                state.members[id] = nil
                state.cut += 1
            }
            return closing
        }
        for member in closing { member.close() }
    }

    func closeAll() {
        let members = state.withLock { Array($0.members.values) }
        for member in members { member.close() }
    }

    /// Readers that do not say that they keep up, and are not blocked: each line costs a write for each of them. As of the
    /// last look, and all that came since.
    var crowd: Int { silent.load(ordering: .relaxed) }
    func joinCrowd(_ count: Int = 1) { silent.add(count, ordering: .relaxed) }

    public var isEmpty: Bool { state.withLock { $0.members.isEmpty } }
    func count(via way: StreamReport.Way) -> Int {
        state.withLock { state in state.members.values.count { $0.figures.via == way } }
    }
    /// Readers cut off because they did not read.
    public var cut: Int { state.withLock { $0.cut } }
    /// Readers for whom there was no place.
    public var turnedAway: Int { state.withLock { $0.turnedAway } }

    /// How each of them does, the longest connected first.
    public func reports() -> [StreamReport] {
        let members = state.withLock { state in state.members.sorted { $0.key < $1.key }.map(\.value) }
        let now = SystemClock().monotonic()
        return members.map { $0.figures.report(behind: $0.reader.behind, at: now) }
    }
}
