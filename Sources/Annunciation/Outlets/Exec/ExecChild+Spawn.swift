import CPosix
import Glibc

extension ExecChild {
    /// Starts the program with these descriptors as its 0, 1, 2 and no others, as leader of a group of its own, with the
    /// signals as a shell leaves them.
    ///
    /// - Returns: 0, or the error's number.
    func spawn(_ pid: inout pid_t, _ descriptors: [CInt]) -> CInt {
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
        var words: [UnsafeMutablePointer<CChar>?] = argv.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for pointer in words + variables { free(pointer) } }
        return posix_spawn(&pid, argv[0], &actions, &attributes, &words, &variables)
    }
}

/// The two ends of a pipe, each closed once.
struct PipeEnds: ~Copyable {
    private(set) var reading: CInt = -1
    private(set) var writing: CInt = -1

    init() {
        var ends: [CInt] = [-1, -1]
        if cupel_pipe(&ends) == 0 { (reading, writing) = (ends[0], ends[1]) }
    }

    deinit {
        if reading >= 0 { close(reading) }
        if writing >= 0 { close(writing) }
    }

    var isOpen: Bool { reading >= 0 }

    mutating func closeReading() {
        close(reading)
        reading = -1
    }

    mutating func closeWriting() {
        close(writing)
        writing = -1
    }
}

/// What a program printed, as far as it is kept. The rest is read and forgotten: a program must not hang because nobody
/// reads what it says.
struct KeptOutput {
    /// Enough for the message that matters, whatever a program prints.
    static let limit = 4096
    /// What a pipe holds by default (pipe(7)): no more is drained after the end, when somebody else may still write.
    private static let pipeBytes = 65_536

    private(set) var bytes: [UInt8] = []
    /// Nobody has the other end any more.
    private(set) var ended = false

    /// One read, which must not block.
    mutating func take(_ descriptor: CInt) { _ = read(descriptor) }

    /// What is still in the pipe.
    mutating func drain(_ descriptor: CInt) {
        for _ in 0..<KeptOutput.pipeBytes / KeptOutput.limit where !read(descriptor) { return }
    }

    /// - Returns: whether there was something.
    private mutating func read(_ descriptor: CInt) -> Bool {
        var count = 0
        let block = [UInt8](unsafeUninitializedCapacity: KeptOutput.limit) { buffer, size in
            count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            size = max(0, count)
        }
        if count == 0 { ended = true }
        bytes += block.prefix(KeptOutput.limit - bytes.count)
        return count > 0
    }

    /// Without the spaces around it; `nil` when nothing was printed.
    var firstLine: String? {
        String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).lazy
            .map { line in String(line.drop(while: \.isWhitespace)) }.first { !$0.isEmpty }
    }
}
