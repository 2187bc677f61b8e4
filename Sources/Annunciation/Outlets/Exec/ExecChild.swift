import CPosix
import Glibc
import Plant

/// One run of a program: its line in, what it says out, and its end, all waited for at one place.
struct ExecChild {
    /// After the timeout, or when the daemon stops, the group gets TERM, and KILL this much later. Less than a second,
    /// because the daemon's own stop waits for it.
    static let killAfter: Duration = .milliseconds(800)
    /// A killed process is gone in milliseconds; one that hangs in the kernel is waited for no longer than this.
    static let burial: Duration = .seconds(1)

    enum End: Equatable {
        case exited(CInt)
        case signalled(CInt)
        case timedOut
        case stopped
        /// Killed, and still there.
        case undead(pid_t)
        /// Over, and its status is lost: no success without its word.
        case untold(String)
        case notStarted(String)
    }

    struct Run {
        var end: End
        var output = KeptOutput()
        var errors = KeptOutput()
        /// CLOCK_MONOTONIC nanoseconds when the program's input was in its pipe.
        var written: Int64?

        var answer: String {
            guard case .exited(let code) = end else { return "\(end)" }
            return "exit \(code); printed \(output.firstLine ?? errors.firstLine ?? "nothing")"
        }

        /// `: ` and the first line of its standard error, if it wrote one.
        var complaint: String { errors.firstLine.map { ": " + $0 } ?? "" }
    }

    let argv: [String]
    let environment: [String]
    let input: [UInt8]
    private let clock = SystemClock()

    init(argv: [String], environment: [String], input: [UInt8]) {
        (self.argv, self.environment, self.input) = (argv, environment, input)
    }

    func run(timeout: Duration, killAfter: Duration, stop: OutletStop) -> Run {
        var input = PipeEnds()
        var output = PipeEnds()
        var errors = PipeEnds()
        guard input.isOpen, output.isOpen, errors.isOpen else {
            return Run(end: .notStarted("no pipe for it: \(reason(errno))"))
        }
        // A daemon that was started with SIGCHLD ignored would never hear how a program ended.
        cupel_keep_children()
        var pid: pid_t = 0
        let code = ProgramStart(
            argv, environment: environment, descriptors: [input.reading, output.writing, errors.writing]
        ).start(&pid)
        guard code == 0 else { return Run(end: .notStarted(reason(code))) }
        input.closeReading()
        output.closeWriting()
        errors.closeWriting()
        let pidfd = cupel_pidfd(pid)
        guard pidfd >= 0 else {
            // Without descriptors left: nothing that could be waited for.
            let why = reason(errno)
            kill(-pid, SIGKILL)
            waitpid(pid, nil, 0)
            return Run(end: .notStarted("pidfd_open: \(why)"))
        }
        defer { close(pidfd) }
        for end in [input.writing, output.reading, errors.reading] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        var run = Run(end: .timedOut)
        let cause = attend(pid, pidfd, &input, output.reading, errors.reading, &run, timeout, killAfter, stop)
        // Before the leader is reaped its number cannot be another group's; whatever it left behind goes with it.
        kill(-pid, SIGKILL)
        guard ended(pidfd, within: ExecChild.burial) else {
            run.end = .undead(pid)
            return run
        }
        var status: CInt = 0
        let reaped = waitpid(pid, &status, 0)
        let end = ExecChild.end(of: pid, reaped: reaped, status: status, code: errno)
        run.output.drain(output.reading)
        run.errors.drain(errors.reading)
        run.end = cause ?? end
        return run
    }

    /// - Parameters:
    ///   - reaped: what `waitpid` returned.
    ///   - code: the error's number, where it returned -1.
    static func end(of pid: pid_t, reaped: pid_t, status: CInt, code: CInt) -> End {
        guard reaped == pid else { return .untold(reason(code)) }
        return status & 0x7f == 0 ? .exited((status >> 8) & 0xff) : .signalled(status & 0x7f)
    }

    /// Feeds it and listens until it has ended, or was told to and did not.
    ///
    /// - Returns: why it was ended, `nil` when it ended by itself.
    private func attend(
        _ pid: pid_t, _ pidfd: CInt, _ input: inout PipeEnds, _ output: CInt, _ errors: CInt, _ run: inout Run,
        _ timeout: Duration, _ killAfter: Duration, _ stop: OutletStop
    ) -> End? {
        var cause: End?
        var left = self.input[...]
        var deadline = clock.monotonic() + timeout.nanoseconds
        while true {
            if input.writing >= 0, feed(&left, input.writing) {
                input.closeWriting()
                run.written = clock.monotonic()
            }
            let now = clock.monotonic()
            if cause == nil, stop.isSet || now >= deadline {
                cause = stop.isSet ? .stopped : .timedOut
                kill(-pid, SIGTERM)
                deadline = now + killAfter.nanoseconds
            } else if now >= deadline {
                return cause
            }
            // A negative descriptor is passed over by poll.
            var polls = [
                pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0),
                pollfd(fd: run.output.ended ? -1 : output, events: Int16(POLLIN), revents: 0),
                pollfd(fd: run.errors.ended ? -1 : errors, events: Int16(POLLIN), revents: 0),
                pollfd(fd: input.writing, events: Int16(POLLOUT), revents: 0),
                pollfd(fd: cause == nil ? stop.descriptor : -1, events: Int16(POLLIN), revents: 0),
            ]
            _ = cupel_poll(&polls, CInt(polls.count), max(0, deadline - now))
            if polls[1].revents != 0 { run.output.take(output) }
            if polls[2].revents != 0 { run.errors.take(errors) }
            if polls[0].revents != 0 { return cause }
        }
    }

    /// - Returns: whether there is no more to write: all is in the pipe, or nobody reads it any more.
    private func feed(_ left: inout ArraySlice<UInt8>, _ descriptor: CInt) -> Bool {
        while !left.isEmpty {
            let count = left.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 { return errno != EAGAIN && errno != EINTR }
            left = left.dropFirst(count)
        }
        return true
    }

    private func ended(_ pidfd: CInt, within patience: Duration) -> Bool {
        let until = clock.monotonic() + patience.nanoseconds
        var polls = [pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)]
        while cupel_poll(&polls, 1, max(0, until - clock.monotonic())) < 0, errno == EINTR {}
        return polls[0].revents != 0
    }
}
