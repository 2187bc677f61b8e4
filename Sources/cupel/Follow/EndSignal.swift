import CPosix
import Glibc
import Synchronization

/// SIGINT, SIGTERM and SIGHUP while a program runs: they end the program first, and then the command.
enum EndSignal {
    private static let noted = Atomic<CInt>(0)

    /// Notes the first such signal while a body runs; a second one ends the process at once.
    ///
    /// - Returns: what the body does. It does not return when a signal came: the process ends by it.
    static func noting<Result>(_ body: () -> Result) -> Result {
        // A signal handler must not be the first to touch it: making it takes a lock.
        noted.store(0, ordering: .relaxed)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { EndSignal.noted.store($0, ordering: .relaxed) }
        action.sa_flags = CInt(bitPattern: UInt32(SA_RESETHAND))
        let before = [SIGINT, SIGTERM, SIGHUP].compactMap { number -> (CInt, sigaction)? in
            // For a reason, as a shell does for what runs in its background, and nohup.
            if cupel_is_ignored(number) { return nil }
            var old = sigaction()
            sigaction(number, &action, &old)
            return (number, old)
        }
        let result = body()
        for (number, old) in before {
            var old = old
            sigaction(number, &old, nil)
        }
        if let number = current {
            // Not `raise`: on a thread of the pool all signals are blocked.
            kill(getpid(), number)
            while true { pause() }
        }
        return result
    }

    /// The signal that came.
    static var current: CInt? {
        let number = noted.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }
}
