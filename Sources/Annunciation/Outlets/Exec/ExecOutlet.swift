import Glibc
import Plant
import Ring
import Synchronization

/// Runs a program for each line, the JSON on its standard input: a pager, a text message, a horn.
///
/// No shell: the arguments are the configured list. Exit 0 is delivered, and 75 (EX_TEMPFAIL of sysexits.h) asks for
/// another try. Another code is the program's own word that it does not want the line, which is believed only the fifth
/// time: scripts exit with 1 for a network that is down, too.
///
/// The program gets a process group of its own, and all that is left of the group ends with it: after exit 0 as well as
/// after a timeout. A grandchild that calls `setsid` leaves the group and lives on, as a daemon wants to; it neither
/// holds us up nor gets to write into our pipes any more.
public final class ExecOutlet: Outlet {
    /// How often a program may exit with a code that is neither 0 nor 75 before its line counts as refused.
    static let refusalTries = 5
    /// Programs that not even KILL ended (they hang in the kernel, on a dead NFS server say) before no more are started.
    static let undeadLimit = 4

    private struct State {
        /// The line that was turned down, and how often.
        var turnedDown = ""
        var tries = 0
        var undead: [pid_t] = []
    }

    private let argv: [String]
    private let timeout: Duration
    private let killAfter: Duration
    private let gate: ExecGate
    private let gatePatience: Duration
    private let bell = Doorbell()
    private let stop = OutletStop()
    private let state = Mutex(State())

    public let acknowledges = true

    /// - Parameters:
    ///   - argv: the program's path and its arguments.
    ///   - timeout: how long one run may take.
    ///   - gate: shared by all sinks that run programs.
    public convenience init(argv: [String], timeout: Duration, gate: ExecGate) {
        self.init(
            argv: argv, timeout: timeout, gate: gate, gatePatience: ExecGate.patience, killAfter: ExecChild.killAfter)
    }

    init(argv: [String], timeout: Duration, gate: ExecGate, gatePatience: Duration, killAfter: Duration) {
        (self.argv, self.timeout, self.gate) = (argv, timeout, gate)
        (self.gatePatience, self.killAfter) = (gatePatience, killAfter)
    }

    public func interrupt() {
        stop.set()
        bell.ring()
    }

    public func send(_ lines: [AlarmLine]) -> Delivery {
        guard let line = lines.first else { return .all(of: lines) }
        guard !stop.isSet else { return .unavailable(OutletStop.answer) }
        guard let program = argv.first else { return .unavailable("no program is configured") }
        guard buryTheUndead() else {
            return .unavailable(
                "\(program): \(ExecOutlet.undeadLimit) runs of it hang in the kernel and cannot be killed")
        }
        guard gate.enter(bell, within: gatePatience, unless: { self.stop.isSet }) else {
            return .unavailable(
                stop.isSet
                    ? OutletStop.answer
                    : "\(program): \(gate.places) other programs run, and none ended within \(gatePatience)")
        }
        defer { gate.leave() }
        let child = ExecChild(
            argv: argv, environment: ExecEnvironment.variables(of: line), input: Array(line.json.utf8))
        return delivery(of: line, program, child.run(timeout: timeout, killAfter: killAfter, stop: stop))
    }

    private func delivery(of line: AlarmLine, _ program: String, _ run: ExecChild.Run) -> Delivery {
        switch run.end {
        case .exited(0):
            forgive()
            return Delivery(taken: 1, answer: run.answer, written: run.written)
        case .exited(75):
            return .unavailable("\(program) exited with 75 (try again later)\(run.complaint)")
        case .exited(let code):
            let tries = turnDown(line)
            let words = "\(program) exited with \(code)\(run.complaint)"
            guard tries >= ExecOutlet.refusalTries else { return .unavailable(words) }
            forgive()
            return .refused("\(words), \(tries) times in a row", answer: "exit \(code)")
        case .signalled(let number):
            return .unavailable("\(program) was ended by signal \(number)\(run.complaint)")
        case .timedOut:
            return .unavailable("\(program) did not end within \(timeout)\(run.complaint)")
        case .stopped:
            return .unavailable(OutletStop.answer)
        case .undead(let pid):
            state.withLock { $0.undead.append(pid) }
            return .unavailable("\(program) did not end within \(timeout), not even by signal 9")
        case .notStarted(let why):
            return .unavailable("\(program): \(why)")
        }
    }

    private func turnDown(_ line: AlarmLine) -> Int {
        state.withLock { state in
            if state.turnedDown != line.json { (state.turnedDown, state.tries) = (line.json, 0) }
            state.tries += 1
            return state.tries
        }
    }

    private func forgive() { state.withLock { ($0.turnedDown, $0.tries) = ("", 0) } }

    /// - Returns: whether there is room for one more that cannot be killed.
    private func buryTheUndead() -> Bool {
        state.withLock { state in
            state.undead.removeAll { waitpid($0, nil, WNOHANG) != 0 }
            return state.undead.count < ExecOutlet.undeadLimit
        }
    }
}
