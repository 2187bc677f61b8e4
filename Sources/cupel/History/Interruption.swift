import Glibc
import Synchronization

/// Notes Ctrl-C, so that a command can end its output before it ends itself. A second one ends it at once.
enum Interruption {
    private static let isNoted = Atomic(false)

    /// From here on the first SIGINT is only noted.
    static func begin() {
        // A signal handler must not be the first to touch the flag: making it takes a lock.
        isNoted.store(false, ordering: .relaxed)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in Interruption.isNoted.store(true, ordering: .relaxed) }
        action.sa_flags = CInt(bitPattern: UInt32(SA_RESETHAND))
        sigaction(SIGINT, &action, nil)
    }

    static var isRequested: Bool { isNoted.load(ordering: .relaxed) }

    /// - Throws: `Interrupted` after Ctrl-C.
    static func check() throws {
        if isRequested { throw Interrupted() }
    }
}

/// The person pressed Ctrl-C.
struct Interrupted: Error {}
