import CPosix
import Glibc
import Plant
import Synchronization

/// Runs a command for each line, the JSON on its standard input: a pager, a text message, a horn.
///
/// No shell: the arguments are the configured list. The command gets a process group of its own, so that the timeout
/// ends whatever it started. Exit 0 is delivered; anything else is tried again, because an alarm that a script could not
/// pass on has not been passed on.
public final class ExecOutlet: Outlet {
    /// After the timeout, or when the daemon stops, the group gets TERM, and KILL this much later.
    static let killAfter: Duration = .seconds(1)

    private let argv: [String]
    private let timeout: Duration
    private let interrupted = Atomic<Bool>(false)

    public func interrupt() { interrupted.store(true, ordering: .releasing) }

    public init(argv: [String], timeout: Duration) { (self.argv, self.timeout) = (argv, timeout) }

    public func send(_ line: AlarmLine) -> Delivery {
        var input: (read: CInt, write: CInt) = (-1, -1)
        let piped = withUnsafeMutablePointer(to: &input) {
            $0.withMemoryRebound(to: CInt.self, capacity: 2) { cupel_pipe($0) }
        }
        guard piped == 0 else { return .unavailable("pipe: \(String(cString: strerror(errno)))") }
        defer { if input.write >= 0 { close(input.write) } }
        _ = fcntl(input.write, F_SETFL, O_NONBLOCK)
        let spawned = spawn(stdin: input.read)
        close(input.read)
        guard case .success(let pid) = spawned else {
            if case .failure(let fault) = spawned { return .unavailable("\(argv[0]): \(fault.reason)") }
            return .unavailable(argv[0])
        }
        // One write: a line is at most PIPE_BUF and the pipe is empty, so it goes in whole even if nobody ever reads it.
        var text = line.json
        _ = text.withUTF8 { Glibc.write(input.write, $0.baseAddress, $0.count) }
        close(input.write)
        input.write = -1
        return outcome(of: pid)
    }

    private struct SpawnFault: Error { let reason: String }

    private func spawn(stdin: CInt) -> Result<pid_t, SpawnFault> {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, stdin, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        cupel_spawn_closefrom(&actions, 3)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        posix_spawnattr_setpgroup(&attributes, 0)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for signal in [SIGPIPE, SIGTERM, SIGINT, SIGHUP] { sigaddset(&defaults, signal) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        var arguments: [UnsafeMutablePointer<CChar>?] = argv.map { strdup($0) } + [nil]
        var environment: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=/usr/local/bin:/usr/bin:/bin"), nil]
        defer { for pointer in arguments + environment { free(pointer) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, argv[0], &actions, &attributes, &arguments, &environment)
        return code == 0 ? .success(pid) : .failure(SpawnFault(reason: String(cString: strerror(code))))
    }

    private func outcome(of pid: pid_t) -> Delivery {
        let clock = SystemClock()
        let deadline = clock.monotonic() + timeout.nanoseconds
        var termed = false
        var killAt = Int64.max
        var status: CInt = 0
        while true {
            let ended = waitpid(pid, &status, WNOHANG)
            if ended == pid { break }
            if ended < 0, errno != EINTR {
                return .unavailable("\(argv[0]): waitpid: \(String(cString: strerror(errno)))")
            }
            let now = clock.monotonic()
            if now >= killAt {
                kill(-pid, SIGKILL)
            } else if now >= deadline || interrupted.load(ordering: .acquiring), !termed {
                termed = true
                killAt = now + ExecOutlet.killAfter.nanoseconds
                kill(-pid, SIGTERM)
            }
            usleep(10_000)
        }
        // Whatever the command left behind in its group goes with it.
        kill(-pid, SIGKILL)
        if termed { return .unavailable("\(argv[0]) did not end within \(timeout)") }
        let exited = status & 0x7f == 0
        let code = (status >> 8) & 0xff
        if exited, code == 0 { return .delivered }
        return .unavailable(exited ? "\(argv[0]) exited with \(code)" : "\(argv[0]) died of signal \(status & 0x7f)")
    }
}
