import Glibc
import Plant
import Testing

@testable import Annunciation

@Suite struct StdoutOutletTests {
    let scratch: PlaceScratch

    init() throws { scratch = try PlaceScratch() }

    private func flags(_ descriptor: CInt) -> CInt { fcntl(descriptor, F_GETFL) }

    /// The reading end does not block; the writing one is as a shell leaves it.
    private func pipe() throws -> (reading: CInt, writing: CInt) {
        var ends: [CInt] = [-1, -1]
        try #require(Glibc.pipe(&ends) == 0)
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        return (ends[0], ends[1])
    }

    private func socketPair() throws -> (reading: CInt, writing: CInt) {
        var ends: [CInt] = [-1, -1]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0)
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        return (ends[0], ends[1])
    }

    @Test(arguments: [(SinkDefinition.LineFormat.text, "line 1\n"), (.json, "{\"seq\":1}\n")])
    func linesLeave(format: SinkDefinition.LineFormat, text: String) throws {
        let pipe = try pipe()
        defer { for end in [pipe.reading, pipe.writing] { close(end) } }
        #expect(StdoutOutlet(format, descriptor: pipe.writing).send([.place(1)]) == .all(of: [.place(1)]))
        #expect(readAll(pipe.reading) == text)
    }

    /// A pipe; a pipe that cannot be opened again; a socket.
    @Test(arguments: [(true, "/proc/self/fd"), (true, "/nonexistent"), (false, "/proc/self/fd")])
    func aReaderThatDoesNotReadBlocksNobodyAndGetsWholeLines(isPipe: Bool, openings: String) throws {
        let ends = try isPipe ? pipe() : socketPair()
        defer { for end in [ends.reading, ends.writing] { close(end) } }
        let before = flags(ends.writing)
        let outlet = StdoutOutlet(.json, descriptor: ends.writing, openings: openings, drainPatience: .zero)
        #expect(flags(ends.writing) == before && before & O_NONBLOCK == 0)
        let lines = (0..<1000).map { AlarmLine.place(Int64($0), padding: 3001) }
        var text = ""
        var taken = 0
        var stops = 0
        while taken < lines.count {
            let delivery = outlet.send(Array(lines[taken..<min(lines.count, taken + 100)]))
            taken += delivery.taken
            if let words = delivery.unavailable {
                #expect(words == "standard output is full: its reader does not read")
                stops += 1
                text += readAll(ends.reading)
            }
        }
        text += readAll(ends.reading)
        #expect(stops > 1)
        #expect(text == lines.map(\.json).joined())
    }

    /// An outlet that takes a full pipe for one that nobody reads.
    private func hasty(_ descriptor: CInt) -> StdoutOutlet {
        StdoutOutlet(.json, descriptor: descriptor, openings: "/proc/self/fd", drainPatience: .zero)
    }

    /// A burst is more than a pipe or a socket holds, and its reader is only a little slower than we are: it begins when
    /// they are full for the first time.
    @Test(arguments: [(true, "/proc/self/fd"), (true, "/nonexistent"), (false, "/proc/self/fd")])
    func aReaderThatReadsGetsABurstAtOnce(isPipe: Bool, openings: String) throws {
        let ends = try isPipe ? pipe() : socketPair()
        defer { for end in [ends.reading, ends.writing] { close(end) } }
        let lines = (0..<1000).map { AlarmLine.place(Int64($0), padding: 3000) }
        let size = lines.map(\.json.utf8.count).reduce(0, +)
        // Like another process, so that what the outlet does not take now is not taken at all.
        let full = try fill(ends.writing)
        let outlet = StdoutOutlet(.json, descriptor: ends.writing, openings: openings, drainPatience: .seconds(60))
        let sending = InBackground { outlet.send(lines) }
        let reading = InBackground {
            var left = full + size
            var buffer = [UInt8](repeating: 0, count: 4096)
            while left > 0 {
                let count = read(ends.reading, &buffer, buffer.count)
                if count > 0 { left -= count } else { sched_yield() }
            }
        }
        #expect(try sending.result() == .all(of: lines))
        _ = try reading.result()
    }

    /// - Returns: how many bytes it takes at once, which it has now.
    private func fill(_ descriptor: CInt) throws -> Int {
        let own = dup(descriptor)
        defer { close(own) }
        let before = flags(own)
        _ = fcntl(own, F_SETFL, before | O_NONBLOCK)
        defer { _ = fcntl(own, F_SETFL, before) }
        let block = [UInt8](repeating: UInt8(ascii: "\n"), count: 4096)
        var count = 0
        while case let written = write(own, block, block.count), written > 0 { count += written }
        return count
    }

    @Test func aStopEndsTheWaitForAFullPipe() throws {
        let ends = try pipe()
        defer { for end in [ends.reading, ends.writing] { close(end) } }
        let outlet = StdoutOutlet(
            .json, descriptor: ends.writing, openings: "/proc/self/fd", drainPatience: .seconds(3600))
        _ = try fill(ends.writing)
        let sending = InBackground { outlet.send([.place(1)]) }
        outlet.interrupt()
        #expect(try sending.result() == .unavailable("standard output is full: its reader does not read"))
    }

    /// The sink dropped the line in the meantime: what has begun is still brought to its end.
    @Test func aBegunLineIsEndedBeforeAnother() throws {
        let ends = try socketPair()
        defer { for end in [ends.reading, ends.writing] { close(end) } }
        let outlet = hasty(ends.writing)
        let long = AlarmLine.place(1, padding: 2_000_000)
        #expect(outlet.send([long]).unavailable != nil)
        var text = ""
        while !outlet.send([.place(2)]).isTaken { text += readAll(ends.reading) }
        text += readAll(ends.reading)
        #expect(text == long.json + "{\"seq\":2}\n")
    }

    @Test func aBegunLineIsGoneOnWithAndToldOnce() throws {
        let ends = try socketPair()
        defer { for end in [ends.reading, ends.writing] { close(end) } }
        let outlet = hasty(ends.writing)
        let long = AlarmLine.place(1, padding: 2_000_000)
        var text = ""
        var taken = false
        // 2 MB in pieces of what a socket holds, 200 kB by default.
        for _ in 0..<1000 where !taken {
            taken = outlet.send([long]).isTaken
            text += readAll(ends.reading)
        }
        #expect(taken && text == long.json)
    }

    /// Tests go past all that waits, and between the two times that a line is sent.
    @Test(arguments: [0, 1, 2])
    func aTestInBetweenTellsABegunLineNoSecondTime(tests: Int) throws {
        let ends = try socketPair()
        defer { for end in [ends.reading, ends.writing] { close(end) } }
        let outlet = hasty(ends.writing)
        let long = AlarmLine.place(1, padding: 2_000_000)
        #expect(outlet.send([long]) == .unavailable("standard output is full: its reader does not read"))
        var text = ""
        for _ in 0..<tests {
            while !outlet.send([.place(0, kind: .test)]).isTaken { text += readAll(ends.reading) }
        }
        var left = [long, .place(2)][...]
        while !left.isEmpty {
            left = left.dropFirst(outlet.send(Array(left)).taken)
            text += readAll(ends.reading)
        }
        let test = String(repeating: "{\"seq\":0}\n", count: tests)
        #expect(text == long.json + test + "{\"seq\":2}\n")
        // Once: whoever sends the same later means it.
        #expect(outlet.send([.place(2)]).isTaken)
        #expect(readAll(ends.reading) == "{\"seq\":2}\n")
    }

    /// The next gap line has other numbers, and would count the same lines once more.
    @Test func aGapThatHasBegunIsTold() throws {
        let ends = try socketPair()
        defer { for end in [ends.reading, ends.writing] { close(end) } }
        let outlet = hasty(ends.writing)
        let long = AlarmLine.place(0, kind: .gap, padding: 2_000_000)
        #expect(
            outlet.send([long]) == .unavailable("standard output is full: its reader does not read", taken: 1))
        var text = ""
        while !outlet.send([.place(2)]).isTaken { text += readAll(ends.reading) }
        text += readAll(ends.reading)
        #expect(text == long.json + "{\"seq\":2}\n")
        // One that has not begun is not.
        _ = try fill(ends.writing)
        #expect(outlet.send([long]) == .unavailable("standard output is full: its reader does not read"))
    }

    @Test(arguments: [true, false])
    func aReaderThatLeftIsGoneForGood(isPipe: Bool) throws {
        let ends = try isPipe ? pipe() : socketPair()
        let outlet = StdoutOutlet(.text, descriptor: ends.writing)
        #expect(outlet.send([.place(1)]).isTaken)
        #expect(readAll(ends.reading) == "line 1\n")
        // As the daemon has it: its descriptor stays open.
        close(ends.reading)
        defer { close(ends.writing) }
        let words = outlet.send([.place(2), .place(3)]).unavailable
        #expect(words?.hasPrefix("standard output is closed (") == true)
        #expect(outlet.send([.place(2)]).unavailable == words)
        guard isPipe else { return }
        // Not even when somebody reads it again.
        let again = open("/proc/self/fd/\(ends.writing)", O_RDONLY | O_NONBLOCK)
        defer { close(again) }
        #expect(outlet.send([.place(2)]).unavailable == words)
        #expect(readAll(again) == "")
        #expect(!outlet.acknowledges)
    }

    @Test func aFileIsWrittenAsItIs() throws {
        let file = open(scratch.path + "/out", O_WRONLY | O_CREAT, 0o600)
        defer { close(file) }
        _ = write(file, "shell\n", 6)
        #expect(StdoutOutlet(.text, descriptor: file).send([.place(1), .place(2)]).isTaken)
        // Written at the place that the description shares with the shell.
        #expect(try scratch.text("out") == "shell\nline 1\nline 2\n")
        #expect(flags(file) & O_NONBLOCK == 0)
    }

    @Test func aTerminalThatIsStoppedBlocksNobody() throws {
        let master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var (locked, number): (CInt, CInt) = (0, 0)
        // TIOCSPTLCK and TIOCGPTN of asm-generic/ioctls.h: the terminal of this master, unlocked.
        try #require(ioctl(master, 0x4004_5431, &locked) == 0 && ioctl(master, 0x8004_5430, &number) == 0)
        let terminal = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
        try #require(terminal >= 0)
        defer { for end in [master, terminal] { close(end) } }
        let outlet = StdoutOutlet(
            .text, descriptor: terminal, openings: "/proc/self/fd", drainPatience: .zero)
        #expect(outlet.send([.place(1)]).isTaken)
        #expect(flags(terminal) & O_NONBLOCK == 0)
        // Ctrl-S.
        tcflow(terminal, CInt(TCOOFF))
        #expect(outlet.send([.place(2)]).unavailable == "standard output is full: its reader does not read")
        tcflow(terminal, CInt(TCOON))
        #expect(outlet.send([.place(2)]).isTaken)
        _ = fcntl(master, F_SETFL, O_NONBLOCK)
        #expect(readAll(master) == "line 1\r\nline 2\r\n")
    }

    @Test func aFullDeviceIsTriedAgain() throws {
        let full = open("/dev/full", O_WRONLY)
        defer { close(full) }
        let outlet = StdoutOutlet(.text, descriptor: full)
        #expect(outlet.send([.place(1)]) == .unavailable("standard output: No space left on device"))
        #expect(outlet.send([.place(1)]) == .unavailable("standard output: No space left on device"))
    }
}
