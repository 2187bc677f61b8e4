import CPosix
import Glibc

/// A program, started as a shell would start it: leader of a process group of its own, so that its children can be ended
/// with it, with all signals as they are by default.
///
/// What we ignore (SIGPIPE) or block would otherwise be ignored and blocked there, too: both outlive an exec.
public struct ProgramStart {
    /// The program, by its path or as the shell finds it, and its arguments.
    public var arguments: [String]
    /// `NAME=value`.
    public var environment: [String]
    /// What it has as its 0, 1, 2; no others.
    public var descriptors: [CInt]

    public init(_ arguments: [String], environment: [String], descriptors: [CInt]) {
        (self.arguments, self.environment, self.descriptors) = (arguments, environment, descriptors)
    }

    /// - Returns: 0, or the error's number.
    public func start(_ pid: inout Int32) -> CInt {
        guard let program = arguments.first else { return ENOENT }
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        for (number, descriptor) in descriptors.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, CInt(number))
        }
        cupel_spawn_closefrom(&actions, CInt(descriptors.count))
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        posix_spawnattr_setpgroup(&attributes, 0)
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for number in [SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGUSR1, SIGUSR2, SIGCHLD] {
            sigaddset(&signals, number)
        }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for pointer in words + variables { free(pointer) } }
        return posix_spawnp(&pid, program, &actions, &attributes, &words, &variables)
    }
}
