import CPosix
import Glibc
import Plant

/// A program that is given one line at a time on its standard input: an argument list, no shell.
struct HandProgram {
    /// What it may take. A program that plays a sound ends by itself; one that hangs must not hold the next alarm.
    static let limit: Duration = .seconds(60)
    /// Between the request to end and the end.
    static let grace: Duration = .seconds(2)

    let arguments: [String]

    /// Runs it to its end.
    ///
    /// - Returns: why the line is not handed over; `nil` when it is.
    func take(_ line: String) -> String? {
        var ends: [CInt] = [-1, -1]
        guard cupel_pipe(&ends) == 0 else { return "pipe: \(String(cString: strerror(errno)))" }
        let started = start(reading: ends[0])
        close(ends[0])
        // Whole and at once: a pipe has room for sixteen such lines, and a program need not read it. Then its end.
        let text = line + "\n"
        if case .success = started { _ = write(ends[1], text, text.utf8.count) }
        close(ends[1])
        switch started {
        case .success(let pid): return finish(pid)
        case .failure(let reason): return reason.description
        }
    }

    private struct Reason: Error {
        var description: String
    }

    /// In a process group of its own, so that its children can be ended with it.
    private func start(reading input: CInt) -> Result<pid_t, Reason> {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        cupel_spawn_closefrom(&actions, 3)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, arguments[0], &actions, &attributes, &words, environ)
        guard code == 0 else { return .failure(Reason(description: String(cString: strerror(code)))) }
        return .success(pid)
    }

    private func finish(_ pid: pid_t) -> String? {
        let clock = SystemClock()
        let begun = clock.monotonic()
        var status: CInt = 0
        var asked = false
        var pause: UInt32 = 500
        while waitpid(pid, &status, WNOHANG) == 0 {
            let taken = clock.monotonic() - begun
            if taken > (Self.limit + Self.grace).nanoseconds {
                kill(-pid, SIGKILL)
            } else if taken > Self.limit.nanoseconds, !asked {
                kill(-pid, SIGTERM)
                asked = true
            }
            usleep(pause)
            pause = min(pause * 2, 20_000)
        }
        if asked { return "it had not ended after \(Self.limit.components.seconds) s" }
        if status & 0x7f != 0 { return "signal \(status & 0x7f)" }
        let code = (status >> 8) & 0xff
        return code == 0 ? nil : "exit \(code)"
    }
}
