import Foundation
import Glibc
import Plant
import TestSupport
import Testing

@testable import Annunciation

@Suite struct JournaldOutletTests {
    let scratch: PlaceScratch
    let path: String

    init() throws {
        scratch = try PlaceScratch()
        path = scratch.path + "/socket"
    }

    private func server() throws -> Program {
        let server = try Program(python, [try serverScript("journald.py"), path])
        _ = try server.line { $0 == "ready" }
        return server
    }

    private func fields(_ line: String) throws -> [String: String] {
        let pairs = try JSONDecoder().decode([[String]].self, from: Data(line.utf8))
        return Dictionary(pairs.map { ($0[0], $0[1]) }) { _, _ in "twice" }
    }

    @Test func aLineHasItsFields() throws {
        let server = try server()
        let outlet = JournaldOutlet(path: path)
        let line = AlarmLine.place(
            12, text: "HIGH furnace\n",
            [
                .alarm: "high:F1.t", .occurrence: "3", .revision: "1", .boot: "b", .state: "UNACK_ACTIVE",
                .level: "hihi",
                .value: "812.5", .unit: "°C", .tag: "F1.t", .plant: "Kiln", .what: "raise", .priority: "critical",
            ])
        #expect(outlet.send([line]) == .all(of: [line]))
        server.send("read 1")
        #expect(
            try fields(try server.line()) == [
                "MESSAGE": "HIGH furnace", "PRIORITY": "2", "MESSAGE_ID": JournaldEntry.announcement,
                "SYSLOG_IDENTIFIER": "cupel", "ALARM_ID": "high:F1.t", "OCC": "3", "REV": "1", "SEQ": "12", "BOOT": "b",
                "STATE": "UNACK_ACTIVE", "LEVEL": "hihi", "VALUE": "812.5", "UNIT": "°C", "TAG": "F1.t",
                "PLANT": "Kiln",
                "WHAT": "raise", "ALARM_PRIORITY": "critical",
            ])
        #expect(!outlet.acknowledges)
    }

    @Test(arguments: ["a\nb", "\n", "x=1\nPRIORITY=0\n", "a=b", ""])
    func aValueIsNeverTakenForFields(value: String) throws {
        let server = try server()
        let outlet = JournaldOutlet(path: path)
        #expect(outlet.send([.place(1, text: "t\n", announces: false, [.plant: value])]).isTaken)
        server.send("read 1")
        let fields = try fields(try server.line())
        #expect(fields["PLANT"] == value && fields["PRIORITY"] == "2" && fields["MESSAGE_ID"] == JournaldEntry.record)
    }

    @Test func theTwoKindsAreTwo() {
        for id in [JournaldEntry.announcement, JournaldEntry.record] {
            #expect(id.count == 32 && id.allSatisfy(\.isHexDigit))
        }
        #expect(JournaldEntry.announcement != JournaldEntry.record)
    }

    /// The kernel keeps about eleven; the rest is not taken, and comes when there is room.
    @Test func aJournaldThatDoesNotReadIsTriedAgain() throws {
        let server = try server()
        let outlet = JournaldOutlet(path: path, drainPatience: .zero)
        let lines = (0..<600).map { AlarmLine.place(Int64($0)) }
        var taken = 0
        var last: Delivery = .all(of: [])
        while last.trouble == nil, taken < lines.count {
            last = outlet.send(Array(lines[taken..<min(lines.count, taken + 10)]))
            taken += last.taken
        }
        #expect(last.unavailable == "journald does not read its socket \(path)")
        server.send("read \(taken)")
        for number in 0..<taken { #expect(try fields(try server.line())["SEQ"] == "\(number)") }
        #expect(outlet.send([lines[taken]]).isTaken)
        server.send("read 1")
        #expect(try fields(try server.line())["SEQ"] == "\(taken)")
    }

    /// It reads only once its queue is full, and then no faster than it can.
    @Test func aJournaldThatIsBusyGetsABurstAtOnce() throws {
        let server = try server()
        let hasty = JournaldOutlet(path: path, drainPatience: .zero)
        var before = 0
        while hasty.send([.place(0)]).isTaken { before += 1 }
        let outlet = JournaldOutlet(path: path, drainPatience: .seconds(60))
        let lines = (0..<300).map { AlarmLine.place(Int64($0)) }
        let sending = InBackground { outlet.send(lines) }
        server.send("read \(before + lines.count)")
        #expect(try sending.result() == .all(of: lines))
        for _ in 0..<before { _ = try server.line() }
        for number in lines.indices { #expect(try fields(try server.line())["SEQ"] == "\(number)") }
    }

    @Test func aStopEndsTheWaitForABusyJournald() throws {
        let server = try server()
        let outlet = JournaldOutlet(path: path, drainPatience: .seconds(3600))
        let sending = InBackground { outlet.send((0..<600).map { .place(Int64($0)) }) }
        outlet.interrupt()
        #expect(try sending.result().unavailable == "journald does not read its socket \(path)")
        server.signal(SIGKILL)
    }

    /// What was waited for is another one afterwards: the socket does not stick to the one that is gone.
    @Test func aJournaldThatIsReplacedWhileItIsWaitedForIsFound() throws {
        let first = try server()
        let outlet = JournaldOutlet(path: path, drainPatience: .milliseconds(10))
        while outlet.send([.place(1)]).isTaken {}
        // Both have their socket; the path is the second one's.
        let second = try server()
        #expect(outlet.send([.place(2)]).isTaken)
        second.send("read 1")
        #expect(try fields(try second.line())["SEQ"] == "2")
        first.signal(SIGKILL)
        try first.exit()
        #expect(outlet.send([.place(3)]).isTaken)
    }

    @Test func aJournaldThatIsAwayIsTriedAgainAndFoundWhenItIsBack() throws {
        let outlet = JournaldOutlet(path: path)
        #expect(outlet.send([.place(1)]) == .unavailable("no journald answers at \(path)"))
        let first = try server()
        #expect(outlet.send([.place(1)]).isTaken)
        first.signal(SIGKILL)
        try first.exit()
        #expect(outlet.send([.place(2)]) == .unavailable("no journald answers at \(path)"))
        let second = try server()
        #expect(outlet.send([.place(3)]).isTaken)
        second.send("read 1")
        #expect(try fields(try second.line())["SEQ"] == "3")
    }

    @Test func whatIsTooLargeIsRefused() throws {
        let server = try server()
        #expect(
            JournaldOutlet(path: path).send([.place(1, text: String(repeating: "x", count: 4_000_000))]).refused != nil)
        server.signal(SIGKILL)
    }

    @Test func aPathThatIsTooLongIsSaid() {
        let long = "/" + String(repeating: "x", count: 107)
        #expect(
            JournaldOutlet(path: long).send([.place(1)])
                == .unavailable("\(long) is too long for a socket: 107 bytes at most"))
    }
}
