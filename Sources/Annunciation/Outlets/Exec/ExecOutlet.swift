import Glibc
import Plant
import Ring
import Synchronization

/// Runs a program for each line, the JSON on its standard input: a pager, a text message, a horn.
///
/// No shell: the arguments are the configured list. Of the codes of sysexits.h, 0 is delivered, 75 (EX_TEMPFAIL) asks for
/// another try, and 64 (EX_USAGE) and 65 (EX_DATAERR) say that the line will never do. Any other end may be about the
/// line or about the world: scripts exit with 1 for a network that is down, too. A program that was started and did not
/// end with 0 may have told somebody all the same, and its line comes again as a repeat.
///
/// The program gets a process group of its own, and all that is left of the group ends with it: after exit 0 as well as
/// after a timeout. A grandchild that calls `setsid` leaves the group and lives on, as a daemon wants to; it neither
/// holds us up nor gets to write into our pipes any more.
public final class ExecOutlet: Outlet {
    /// Programs that not even KILL ended (they hang in the kernel, on a dead NFS server say) before no more are started.
    static let undeadLimit = 4

    private let argv: [String]
    private let timeout: Duration
    private let killAfter: Duration
    private let gate: ExecGate
    private let bell = Doorbell()
    private let stop = OutletStop()
    private let undead = Mutex<[pid_t]>([])

    public let acknowledges = true

    /// - Parameters:
    ///   - argv: the program's path and its arguments.
    ///   - timeout: how long one run may take.
    ///   - gate: shared by all sinks that run programs.
    public convenience init(argv: [String], timeout: Duration, gate: ExecGate) {
        self.init(argv: argv, timeout: timeout, gate: gate, killAfter: ExecChild.killAfter)
    }

    init(argv: [String], timeout: Duration, gate: ExecGate, killAfter: Duration) {
        (self.argv, self.timeout, self.gate, self.killAfter) = (argv, timeout, gate, killAfter)
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
        guard let place = gate.enter(bell, unless: { stop.isSet }) else { return .unavailable(OutletStop.answer) }
        defer { gate.leave(place) }
        let child = ExecChild(
            argv: argv, environment: ExecEnvironment.variables(of: line), input: Array(line.json.utf8))
        return delivery(program, child.run(timeout: timeout, killAfter: killAfter, stop: stop))
    }

    private func delivery(_ program: String, _ run: ExecChild.Run) -> Delivery {
        switch run.end {
        case .exited(0):
            return Delivery(taken: 1, answer: run.answer, written: run.written)
        case .exited(EX_TEMPFAIL):
            return .unavailable("\(program) exited with 75 (try again later)\(run.complaint)").unclear
        case .exited(let code):
            let words = "\(program) exited with \(code)\(run.complaint)"
            let isForGood = code == EX_USAGE || code == EX_DATAERR
            let delivery: Delivery =
                isForGood ? .refused(words, answer: run.answer) : .declined(words, answer: run.answer)
            return delivery.unclear
        case .signalled(let number):
            return .declined("\(program) was ended by signal \(number)\(run.complaint)").unclear
        case .timedOut:
            return .unavailable("\(program) did not end within \(timeout)\(run.complaint)").unclear
        case .stopped:
            return .unavailable(OutletStop.answer).unclear
        case .undead(let pid):
            undead.withLock { $0.append(pid) }
            return .unavailable("\(program) did not end within \(timeout), not even by signal 9").unclear
        case .untold(let why):
            return .unavailable("\(program): nobody knows how it ended (\(why))").unclear
        case .notStarted(let why):
            return .unavailable("\(program): \(why)")
        }
    }

    /// - Returns: whether there is room for one more that cannot be killed.
    private func buryTheUndead() -> Bool {
        undead.withLock { undead in
            undead.removeAll { waitpid($0, nil, WNOHANG) != 0 }
            return undead.count < ExecOutlet.undeadLimit
        }
    }
}
