import Annunciation
import ArgumentParser
import Daemon
import Glibc
import Journal
import Plant

/// Follows the alarm stream, hands its lines over, and knows how far it came.
///
/// A line is handed over first, then noted in the cursor, then acknowledged: whatever ends in between, it comes again.
struct Follower {
    enum Destination {
        case text
        case json
        case program(HandProgram)
    }

    /// Three heartbeats missed: the daemon hangs, or the machine does (Phoebus: idle timeout 10 s x 3).
    static let silenceLimit: Duration = .seconds(30)
    /// Seconds between two tries to find the daemon. A try costs microseconds, and an alarm may stand meanwhile.
    static let pauses: (first: UInt32, longest: UInt32) = (1, 5)
    /// Between two looks at what standard output's reader has taken, milliseconds, while it has not taken all.
    static let looks: (first: Int, longest: Int) = (20, 1000)
    /// How often a daemon that still runs may cut us off before we have got a single line from it.
    static let fruitlessLimit = 3
    /// A daemon that heard too late where we go on sends what is new before it sends what we missed.
    static let lateAnswer: Duration = .seconds(2)
    /// A pipe's reader may be slower than the lines come: what it took is kept and acknowledged so often.
    static let noteEvery: Duration = .seconds(1)
    /// When there is nothing more to come, the reader may take what it has for so long: what it takes later comes again.
    static let lastLooks: Duration = .seconds(1)

    let socket: SocketOptions
    let cursor: CursorFile?
    let retries: Bool
    let filter: LineFilter
    let output: Destination
    /// Everything up to it was written, or taken by the program; `nil` before the daemon has said where it is.
    private var position: StreamPlace?
    /// What stands comes first; then the place that it is of.
    private var isJoining: Bool
    private var ledger: OutputLedger
    private var look = looks.first
    /// The run of the daemon that we followed last.
    private var boot: String?
    private var loss = LossReport()
    /// What the cursor and the daemon know, and when that was looked at.
    private var noted: StreamPlace?
    private var notedAt: Int64 = 0
    /// Since when lines come that are ahead of our place, and the first of them.
    private var ahead: (since: Int64, sequence: Int64)?
    private var fruitless = 0

    init(
        socket: SocketOptions, cursor: CursorFile?, since: Int64?, retries: Bool, filter: LineFilter,
        output: Destination
    ) {
        (self.socket, self.cursor, self.retries, self.filter, self.output) = (socket, cursor, retries, filter, output)
        position = cursor?.place ?? since.map { StreamPlace(sequence: $0) }
        isJoining = position == nil
        ledger = OutputLedger(STDOUT_FILENO, taken: position)
    }

    private enum Ending {
        case unwanted
        case lost(String)
        case refused(String)
    }

    /// Until nobody reads any more, or the daemon is gone.
    mutating func run() throws {
        signal(SIGPIPE, SIG_IGN)
        // Whoever started us may ignore it, and then the kernel forgets how a program ended.
        signal(SIGCHLD, SIG_DFL)
        // A disk that does not take it shows before a program has run, not after, when it would run again at each start.
        if let position { try cursor?.save(position, always: true) }
        var pause = Follower.pauses.first
        while true {
            var reason: String
            var isRefusal = false
            do {
                var stream = try socket.openStream()
                let before = position
                switch try follow(&stream) {
                case .unwanted: return
                case .lost(let why): reason = why
                case .refused(let why):
                    reason = why
                    isRefusal = true
                }
                if position != before { pause = Follower.pauses.first }
                // A daemon that is still there only cut us off; then at once.
                if !loss.isLost, !isRefusal, fruitless < Follower.fruitlessLimit {
                    fruitless += 1
                    continue
                }
            } catch let error as Unreachable {
                if boot == nil, !retries { throw explain(error) }
                reason = error.reason
            }
            guard retries else { throw try gone(reason, isRefusal) }
            loss.complain(isRefusal ? "refuses" : "is gone", reason, after: position)
            let isWanted = wait(pause)
            // A pipe's reader may have taken something meanwhile.
            try keep()
            if !isWanted { return }
            pause = min(pause * 2, Follower.pauses.longest)
        }
    }

    // MARK: One connection

    private struct Hello: Encodable {
        var hello = "follow \(getpid())"
        var since: Int64?
        var boot: String?
        var acks = true
    }

    private mutating func follow(_ stream: inout StreamSocket) throws -> Ending {
        ahead = nil
        stream.send(try jsonLine(Hello(since: position?.sequence, boot: position?.boot)))
        while true {
            let pause: Duration = ledger.isWaiting || ahead != nil ? .milliseconds(look) : Follower.silenceLimit
            switch stream.next(patience: Follower.silenceLimit, pause: pause, watchingOutput: !isForProgram) {
            case .unwanted:
                try note(stream)
                return .unwanted
            case .silence: return lose("no heartbeat for \(Follower.silenceLimit.components.seconds) s")
            case .end(let reason): return .lost(reason)
            case .lines(let lines):
                look = lines.isEmpty ? min(look * 2, Follower.looks.longest) : Follower.looks.first
                for line in lines {
                    if let end = try follow(line, stream) { return end }
                    if monotonic - notedAt >= Follower.noteEvery.nanoseconds { try note(stream) }
                }
                try note(stream)
                if let ahead, monotonic - ahead.since >= Follower.lateAnswer.nanoseconds {
                    return .lost("it went from event \(position?.sequence ?? 0) to \(ahead.sequence)")
                }
            }
        }
    }

    /// - Returns: why it cannot go on.
    private mutating func follow(_ line: String, _ stream: borrowing StreamSocket) throws -> Ending? {
        guard let head = LineHead(line) else { return lose("it sends what is no stream of alarms") }
        switch head.what {
        case "hello": return begin(head)
        case "error": return .refused(head.text ?? "for no reason")
        // The lines come again, from the journal.
        case "gap" where head.cut == true: return nil
        case "place":
            loss.welcome(after: position)
            if isJoining, let last = head.last { reach(StreamPlace(sequence: last, boot: head.boot)) }
            isJoining = false
        // To a reader that named no place in time. It is no answer to one that did.
        case "snapshot" where !isJoining: return nil
        default:
            switch order(of: head) {
            case .repeated: return nil
            // It comes again: after what is missing here, or to our next connection.
            case .ahead:
                ahead = ahead ?? (monotonic, head.seq ?? 0)
                return nil
            case .next: if head.seq ?? 0 > 0 { ahead = nil }
            }
            loss.welcome(after: position)
            guard try take(line, head) else {
                try note(stream)
                return .unwanted
            }
            fruitless = 0
        }
        if isForProgram { try note(stream) }
        return nil
    }

    /// The daemon says who it is.
    private mutating func begin(_ head: LineHead) -> Ending? {
        if let boot, boot != head.boot, !retries { return lose("it closed the connection") }
        boot = head.boot
        // The hello named our position; what a pipe's reader has taken is behind it.
        noted = isForProgram ? position : ledger.taken
        return nil
    }

    private enum Order {
        case next
        case repeated
        /// Events are missing that no gap explains: it would be a loss to go on from here.
        case ahead
    }

    /// The numbers are without holes, for every reader.
    private func order(of head: LineHead) -> Order {
        guard let sequence = head.seq, sequence > 0, let position else { return .next }
        if sequence <= position.sequence { return .repeated }
        return sequence == position.sequence + 1 ? .next : .ahead
    }

    /// Hands a line over, however often that takes.
    ///
    /// - Returns: false when nobody takes it any more.
    private mutating func take(_ line: String, _ head: LineHead) throws -> Bool {
        let isHeartbeat = head.what == "heartbeat"
        let isWanted = isHeartbeat || head.what == "gap" || filter.wants(head)
        switch output {
        case .json: if isWanted, !write(line + "\n") { return false }
        case .text: if isWanted, !isHeartbeat, !write(text(ofAlarmLine: line)) { return false }
        case .program(let program):
            if isWanted, !isHeartbeat, head.what != "snapshot" { insist(program, line, head) }
        }
        if head.what == "gap" {
            pass(head)
        } else if let sequence = head.seq, sequence > 0 {
            reach(StreamPlace(sequence: sequence, boot: head.boot))
        }
        return true
    }

    /// A gap was told: the place is behind it.
    private mutating func pass(_ gap: LineHead) {
        if gap.last != nil {
            // The journal was replaced: its numbers begin again, what stands comes, and then our place.
            ledger.restart()
            isJoining = true
            position = nil
        } else if let to = gap.to, let from = gap.from, let last = position?.sequence, from <= last + 1, to > last {
            reach(StreamPlace(sequence: to))
        }
    }

    private mutating func write(_ text: String) -> Bool {
        guard Output.isTaken(text) else { return false }
        ledger.wrote(text.utf8.count)
        return true
    }

    private mutating func reach(_ place: StreamPlace) {
        position = place
        if !isForProgram { ledger.reached(place) }
    }

    private func insist(_ program: HandProgram, _ line: String, _ head: LineHead) {
        let fields = (try? AlarmLine(streamed: line))?.fields ?? [.what: head.what ?? "", .text: head.text ?? ""]
        let variables = ExecEnvironment.fields(fields)
        var refusals = ProgramRefusals(program: program.arguments[0])
        while let reason = program.take(line, variables) {
            if let complaint = refusals.note(reason, at: SystemClock().monotonic()) { Output.complain(complaint) }
            sleep(refusals.pause)
        }
    }

    // MARK: What was handed over

    /// Keeps what was handed over, and tells the daemon.
    private mutating func note(_ stream: borrowing StreamSocket) throws {
        guard try keep(), let noted else { return }
        stream.send("{\"ack\":\(noted.sequence)}")
    }

    /// - Returns: whether there was something new to keep.
    @discardableResult
    private mutating func keep() throws -> Bool {
        notedAt = monotonic
        if !isForProgram { ledger.look() }
        guard let place = isForProgram ? position : ledger.taken, place != noted else { return false }
        try cursor?.save(place)
        noted = place
        return true
    }

    private var isForProgram: Bool { if case .program = output { true } else { false } }

    // MARK: The end of a connection

    private mutating func lose(_ reason: String) -> Ending {
        fruitless = Follower.fruitlessLimit
        return .lost(reason)
    }

    /// Sleeps, unless nobody reads any more.
    private func wait(_ seconds: UInt32) -> Bool {
        if isForProgram {
            sleep(seconds)
            return true
        }
        return Output.isWanted(for: Int(seconds) * 1000)
    }

    private mutating func gone(_ reason: String, _ isRefusal: Bool) throws -> ExitCode {
        loss.end(reason, isRefusal: isRefusal, after: position, keepsPlace: cursor != nil)
        let until = monotonic + Follower.lastLooks.nanoseconds
        try keep()
        while ledger.isWaiting, monotonic < until, Output.isWanted(for: Follower.looks.first) { try keep() }
        return .unavailable
    }

    private func explain(_ error: Unreachable) -> ExitCode {
        if error.isAbsent, (try? StreamSocket(socket.path)) != nil {
            Output.complain(
                "cupel: the daemon at \(socket.path) has no alarm stream at \(error.socket): it is older than this command"
            )
            return .unavailable
        }
        return error.explain()
    }

    private var monotonic: Int64 { SystemClock().monotonic() }
}
