import GRDB
import Glibc
import Testing

@testable import Historian

@Suite("A log that grows because somebody reads")
struct LogWatchTests {
    @Test func namesWhoReadsAndOnlyWhileHeDoes() throws {
        let rig = try Rig(.small())
        rig.scan(0, [.float(1), .int(1)])
        rig.loop.pass()
        #expect(LogReaders.processes(reading: rig.path).isEmpty)
        let reader = try LongReaderTests.lockedReader(rig.path)
        #expect(LogReaders.processes(reading: rig.path).map(\.id) == [getpid()])
        try reader.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
        #expect(LogReaders.processes(reading: rig.path).isEmpty)
    }

    @Test(arguments: [
        ("12: POSIX  ADVISORY  READ 4821 fe:00:1234567 124 124", 4821),
        ("12: POSIX  ADVISORY  READ 4821 fe:00:1234567 123 123", 4821),
        ("12: POSIX  ADVISORY  READ 4821 fe:00:1234567 128 128", nil),  // DMS: everybody who is connected
        ("12: POSIX  ADVISORY  WRITE 4821 fe:00:1234567 120 120", nil),
        ("12: POSIX  ADVISORY  READ 4821 fe:00:1234568 124 124", nil),
        ("12: -> POSIX  ADVISORY  READ 4821 fe:00:1234567 124 124", nil),  // waits for a lock
        ("12: POSIX  ADVISORY  READ -1 fe:00:1234567 124 124", nil),
        ("12: FLOCK", nil),
    ])
    func readsTheKernelsList(line: String, id: Int32?) {
        #expect(LogReaders.reader(in: line[...], inode: 1_234_567) == id)
    }

    @Test func tellsOnceEachTime() throws {
        var watch = LogWatch(of: "/nowhere/history.db", limit: 10 << 20)
        #expect(watch.look(bytes: 10 << 20, now: 5) == nil)
        #expect(watch.warning == nil)
        let found = watch.look(bytes: 11 << 20, now: 6)
        let event = try #require(found)
        #expect(event.kind == .storage)
        let who = "somebody, whom `fuser -v /nowhere/history.db` names, has been reading for long"
        #expect(event.text == "the log is 11 MB long, because \(who)")
        #expect(watch.look(bytes: 20 << 20, now: 7) == nil)
        #expect(watch.warning == "the log is 20 MB long, because \(who)")
        #expect(watch.look(bytes: 0, now: 8) == nil)
        #expect(watch.warning == nil)
        #expect(watch.look(bytes: 11 << 20, now: 9) != nil)
    }
}
