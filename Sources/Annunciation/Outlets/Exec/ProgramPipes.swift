import CPosix
import Glibc

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
