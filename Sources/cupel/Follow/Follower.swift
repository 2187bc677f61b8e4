import ArgumentParser
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
    /// Between two tries to find the daemon, or to hand an event to a program: the first pause and the longest.
    static let pauses: (first: UInt32, longest: UInt32) = (1, 60)
    /// How often a daemon that still runs may cut us off before we have got a single line from it.
    static let fruitlessLimit = 3

    let socket: SocketOptions
    let cursor: CursorFile?
    let retries: Bool
    let filter: LineFilter
    let output: Destination
    /// Everything up to it was handed over; `nil` before the daemon has said where it is.
    private var position: Int64?
    /// The run of the daemon that we followed last.
    private var boot: String?
    private var isLost = false
    /// What the cursor and the daemon know.
    private var noted: Int64?
    private var fruitless = 0

    init(
        socket: SocketOptions, cursor: CursorFile?, since: Int64?, retries: Bool, filter: LineFilter,
        output: Destination
    ) {
        (self.socket, self.cursor, self.retries, self.filter, self.output) = (socket, cursor, retries, filter, output)
        position = cursor?.sequence ?? since
    }

    private enum Ending {
        case unwanted
        case lost(String)
    }

    /// Until nobody reads any more, or the daemon is gone.
    mutating func run() throws {
        signal(SIGPIPE, SIG_IGN)
        var pause = Follower.pauses.first
        while true {
            var reason: String
            do {
                var stream = try StreamSocket(socket.stream)
                let before = position
                switch try follow(&stream) {
                case .unwanted: return
                case .lost(let why): reason = why
                }
                if position != before { pause = Follower.pauses.first }
                // A daemon that is still there only cut us off; then at once.
                if !isLost, fruitless < Follower.fruitlessLimit {
                    fruitless += 1
                    continue
                }
            } catch let error as Unreachable {
                if boot == nil, !retries { throw explain(error) }
                reason = error.reason
            }
            guard retries else { throw gone(reason) }
            if !isLost { say("gone", "(\(reason)); trying again, after event \(position ?? 0)") }
            isLost = true
            guard wait(pause) else { return }
            pause = min(pause * 2, Follower.pauses.longest)
        }
    }

    // MARK: One connection

    private mutating func follow(_ stream: inout StreamSocket) throws -> Ending {
        stream.send(hello)
        while true {
            switch stream.next(patience: Follower.silenceLimit, watchingOutput: !isForProgram) {
            case .unwanted: return .unwanted
            case .silence: return lose("no heartbeat for \(Follower.silenceLimit.components.seconds) s")
            case .end(let reason): return .lost(reason)
            case .lines(let lines):
                for line in lines {
                    guard let head = LineHead(line) else { return lose("it sends what is no stream of alarms") }
                    switch head.what {
                    case "hello": if let end = try begin(head) { return end }
                    case "error": return .lost(head.text ?? "refused")
                    // The lines come again, from the journal.
                    case "gap" where head.cut == true: break
                    default:
                        guard try take(line, head) else {
                            try note(stream)
                            return .unwanted
                        }
                        fruitless = 0
                        if isForProgram { try note(stream) }
                    }
                }
                try note(stream)
            }
        }
    }

    private var hello: String {
        let since = position.map { ",\"since\":\($0)" } ?? ""
        return "{\"hello\":\"follow \(getpid())\"\(since),\"acks\":true}"
    }

    /// The daemon says who it is and where.
    private mutating func begin(_ head: LineHead) throws -> Ending? {
        if let boot, boot != head.boot, !retries { return lose("it closed the connection") }
        boot = head.boot
        if position == nil {
            position = head.last
            try cursor?.save(head.last ?? 0)
        }
        if isLost { say("back", "; going on after event \(position ?? 0)") }
        isLost = false
        noted = position
        return nil
    }

    /// Hands a line over, however often that takes.
    ///
    /// - Returns: false when nobody takes it any more.
    private mutating func take(_ line: String, _ head: LineHead) throws -> Bool {
        let isHeartbeat = head.what == "heartbeat"
        let isWanted = isHeartbeat || head.what == "gap" || filter.wants(head)
        switch output {
        case .json: if isWanted, !Output.isTaken(line + "\n") { return false }
        case .text: if isWanted, !isHeartbeat, !Output.isTaken(text(ofAlarmLine: line)) { return false }
        case .program(let program):
            if isWanted, !isHeartbeat, head.what != "snapshot" { insist(program, line) }
        }
        if head.what == "gap", let last = head.last, last < position ?? 0 {
            // The journal was replaced: its numbers begin again, and so does the cursor.
            position = last
            try cursor?.save(last, evenBack: true)
        }
        position = max(position ?? 0, head.seq ?? 0)
        return true
    }

    private func insist(_ program: HandProgram, _ line: String) {
        var pause = Follower.pauses.first
        while let reason = program.take(line) {
            if pause == Follower.pauses.first {
                Output.complain("cupel: \(program.arguments[0]): \(reason); it gets the event again until it takes it")
            }
            sleep(pause)
            pause = min(pause * 2, Follower.pauses.longest)
        }
    }

    /// Keeps what was handed over, and tells the daemon.
    private mutating func note(_ stream: borrowing StreamSocket) throws {
        guard let position, position != noted else { return }
        try cursor?.save(position)
        stream.send("{\"ack\":\(position)}")
        noted = position
    }

    private var isForProgram: Bool { if case .program = output { true } else { false } }

    // MARK: What a person hears

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

    private func say(_ what: String, _ rest: String) {
        Output.complain("cupel: the alarm daemon is \(what) at \(now)\(what == "back" ? "" : " ")\(rest)")
    }

    private func gone(_ reason: String) -> ExitCode {
        let last = position ?? 0
        Output.complain(
            "cupel: THE ALARM DAEMON IS GONE at \(now) (\(reason)); the last event seen was \(last): "
                + "resume with --since \(last)")
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

    private var now: String { UTCTime.text(SystemClock().wall() / 1_000_000) }
}
