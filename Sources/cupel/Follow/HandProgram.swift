import Annunciation
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
    /// - Parameter variables: what it finds in its environment, besides what we found in ours.
    /// - Returns: why the line is not handed over; `nil` when it is.
    func take(_ line: String, _ variables: [String]) -> String? {
        EndSignal.noting { run(line, variables) }
    }

    private func run(_ line: String, _ variables: [String]) -> String? {
        var ends: [CInt] = [-1, -1]
        guard cupel_pipe(&ends) == 0 else { return "pipe: \(String(cString: strerror(errno)))" }
        var pid: pid_t = 0
        let code = ProgramStart(
            arguments, environment: Self.inherited + variables, descriptors: [ends[0], STDOUT_FILENO, STDERR_FILENO]
        ).start(&pid)
        close(ends[0])
        // Whole and at once: a pipe has room for sixteen such lines, and a program need not read it. Then its end.
        let text = line + "\n"
        if code == 0 { _ = write(ends[1], text, text.utf8.count) }
        close(ends[1])
        return code == 0 ? finish(pid) : String(cString: strerror(code))
    }

    /// Ours without what an event might have set: an event without a tag must not show another's.
    private static var inherited: [String] {
        var all: [String] = []
        var next = environ
        while let variable = next.pointee {
            let text = String(cString: variable)
            if !text.hasPrefix("CUPEL_") { all.append(text) }
            next += 1
        }
        return all
    }

    private func finish(_ pid: pid_t) -> String? {
        let clock = SystemClock()
        var end = clock.monotonic() + Self.limit.nanoseconds
        var status: CInt = 0
        var asked = false
        var pause: UInt32 = 500
        while true {
            let ended = waitpid(pid, &status, WNOHANG)
            if ended == pid { break }
            // Without its end nothing is known of what it did, and that is no success.
            if ended < 0, errno != EINTR { return "waitpid: \(String(cString: strerror(errno)))" }
            let now = clock.monotonic()
            if now > end || EndSignal.current != nil, !asked {
                kill(-pid, SIGTERM)
                asked = true
                end = now + Self.grace.nanoseconds
            } else if now > end {
                kill(-pid, SIGKILL)
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
