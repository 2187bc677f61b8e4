import Foundation
import Glibc
import Plant
import TestSupport
import Ring
import Testing

@testable import Annunciation

@Suite struct FifoOutletTests {
    let scratch: PlaceScratch
    let path: String

    init() throws {
        scratch = try PlaceScratch()
        path = scratch.path + "/alarms"
    }

    private func reader() throws -> CInt {
        if !scratch.exists("alarms") { try #require(mkfifo(path, 0o600) == 0) }
        let reader = open(path, O_RDONLY | O_NONBLOCK)
        try #require(reader >= 0)
        return reader
    }

    @Test func withoutAReaderNothingIsSwallowed() throws {
        let outlet = FifoOutlet(path: path, snapshot: { [] })
        #expect(outlet.send([.place(1)]) == .unavailable("nobody reads \(path)"))
        #expect(outlet.send([.place(1)]) == .unavailable("nobody reads \(path)"))
        var info = stat()
        #expect(lstat(path, &info) == 0 && info.st_mode == S_IFIFO | 0o660)
        // Nothing of ours is in the pipe that a reader finds.
        let reader = try reader()
        defer { close(reader) }
        #expect(readAll(reader) == "")
        #expect(outlet.takesHeartbeats && !outlet.acknowledges)
    }

    @Test func aNewReaderFirstGetsWhatStands() throws {
        let first = try reader()
        let outlet = FifoOutlet(path: path, snapshot: { [.place(0)] })
        #expect(outlet.send([.place(5), .place(6)]) == .all(of: [.place(5), .place(6)]))
        #expect(readAll(first) == "{\"seq\":0}\n{\"seq\":5}\n{\"seq\":6}\n")
        close(first)
        #expect(outlet.send([.place(7)]) == .unavailable("the reader of \(path) has left"))
        let second = try reader()
        defer { close(second) }
        #expect(outlet.send([.place(7)]).isTaken)
        #expect(readAll(second) == "{\"seq\":0}\n{\"seq\":7}\n")
    }

    @Test func aReaderThatDoesNotReadTearsNoLineAndGoesOnWhereItWas() throws {
        let reader = try reader()
        defer { close(reader) }
        let outlet = FifoOutlet(path: path, drainPatience: .zero, snapshot: { [] })
        let lines = (0..<100).map { AlarmLine.place(Int64($0), padding: 3000) }
        var taken = 0
        var stuck: Delivery?
        while stuck == nil, taken < lines.count {
            let delivery = outlet.send(Array(lines[taken...]))
            taken += delivery.taken
            if delivery.trouble != nil { stuck = delivery }
        }
        #expect(stuck?.unavailable == "the reader of \(path) does not read: its pipe is full")
        #expect(taken > 10 && taken < 100)
        let text = readAll(reader)
        #expect(text == lines[..<taken].map(\.json).joined())
        #expect(outlet.send(Array(lines[taken..<taken + 5])).taken == 5)
        #expect(readAll(reader) == lines[taken..<taken + 5].map(\.json).joined())
    }

    /// A burst is more than a pipe holds, and its reader is only a little slower than we are.
    @Test func aReaderThatReadsGetsABurstAtOnce() throws {
        let outlet = FifoOutlet(path: path, drainPatience: .seconds(30), snapshot: { [] })
        let reader = try reader()
        defer { close(reader) }
        let lines = (0..<200).map { AlarmLine.place(Int64($0), padding: 3000) }
        let reading = try Worker(name: "reader") {
            var left = lines.map(\.json.utf8.count).reduce(0, +)
            var buffer = [UInt8](repeating: 0, count: 4096)
            while left > 0 {
                let count = read(reader, &buffer, buffer.count)
                if count > 0 { left -= count } else { sched_yield() }
            }
        }
        #expect(outlet.send(lines) == .all(of: lines))
        reading.join()
    }

    @Test func aStopEndsTheWaitForAFullPipe() throws {
        let reader = try reader()
        defer { close(reader) }
        let outlet = FifoOutlet(path: path, drainPatience: .seconds(3600), snapshot: { [] })
        outlet.interrupt()
        let lines = (0..<100).map { AlarmLine.place(Int64($0), padding: 3000) }
        #expect(outlet.send(lines).unavailable == "the reader of \(path) does not read: its pipe is full")
    }

    @Test func aSnapshotThatDoesNotFitGoesOnWhereItWas() throws {
        let reader = try reader()
        defer { close(reader) }
        let standing = (0..<30).map { AlarmLine.place(Int64($0), padding: 3000) }
        let outlet = FifoOutlet(path: path, drainPatience: .zero, snapshot: { standing })
        #expect(outlet.send([.place(99)]).unavailable != nil)
        var text = readAll(reader)
        while !outlet.send([.place(99)]).isTaken { text += readAll(reader) }
        text += readAll(reader)
        #expect(text == standing.map(\.json).joined() + "{\"seq\":99}\n")
    }

    @Test func aReaderThatLeavesInTheMiddleOfALineLeavesNoneOfItToTheNext() throws {
        let first = try reader()
        let outlet = FifoOutlet(path: path, snapshot: { [.place(0)] })
        #expect(outlet.send([.place(1)]).isTaken)
        var half = [UInt8](repeating: 0, count: 14)
        #expect(read(first, &half, half.count) == 14)
        close(first)
        #expect(outlet.send([.place(2)]) == .unavailable("the reader of \(path) has left"))
        #expect(outlet.send([.place(2)]) == .unavailable("nobody reads \(path)"))
        let second = try emptyReader()
        defer { close(second) }
        #expect(outlet.send([.place(2)]).isTaken)
        #expect(readAll(second) == "{\"seq\":0}\n{\"seq\":2}\n")
    }

    /// The pipe forgets what is in it when its last end is closed. A program that another test starts at this moment has
    /// copies of ours for an instant, until its exec.
    private func emptyReader() throws -> CInt {
        try eventually("an empty pipe") {
            let reader = try reader()
            var waiting: CInt = 0
            if ioctl(reader, UInt(FIONREAD), &waiting) == 0, waiting == 0 { return reader }
            close(reader)
            return nil
        }
    }

    @Test(arguments: [true, false])
    func aPipeThatIsReplacedOrRemovedIsNoticed(replaced: Bool) throws {
        let first = try reader()
        defer { close(first) }
        let outlet = FifoOutlet(path: path, snapshot: { [.place(0)] })
        #expect(outlet.send([.place(1)]).isTaken)
        unlink(path)
        if replaced { #expect(mkfifo(path, 0o600) == 0) }
        #expect(outlet.send([.place(2)]) == .unavailable("nobody reads \(path)"))
        let second = try reader()
        defer { close(second) }
        #expect(outlet.send([.place(2)]).isTaken)
        #expect(readAll(second) == "{\"seq\":0}\n{\"seq\":2}\n")
    }

    @Test func somethingElseInItsPlaceIsLeftAlone() throws {
        try scratch.write("keep", to: "alarms")
        let outlet = FifoOutlet(path: path, snapshot: { [] })
        #expect(outlet.send([.place(1)]) == .unavailable("\(path) is there and is no named pipe"))
        #expect(try scratch.text("alarms") == "keep")
        let missing = FifoOutlet(path: scratch.path + "/none/alarms", snapshot: { [] })
        #expect(
            missing.send([.place(1)])
                == .unavailable("cannot create the pipe \(scratch.path)/none/alarms: No such file or directory"))
    }

    @Test func afterCloseTheReaderSeesTheEnd() throws {
        let reader = try reader()
        defer { close(reader) }
        let outlet = FifoOutlet(path: path, snapshot: { [] })
        #expect(outlet.send([.place(1)]).isTaken)
        var byte: UInt8 = 0
        _ = readAll(reader)
        #expect(read(reader, &byte, 1) == -1 && errno == EAGAIN)
        outlet.close()
        #expect(read(reader, &byte, 1) == 0)
    }
}
