import Annunciation
import Foundation
import Glibc
import Logging
import Plant
import Synchronization
import TestSupport
import Testing

@testable import Console

@Suite(.serialized) struct StreamServerTests {
    /// A server over a backend, which stops with the test.
    private func serving(
        _ backend: FakeBackend, _ body: @escaping @Sendable (String) throws -> Void
    ) async throws {
        let path = "\(NSTemporaryDirectory())/cupel-stream-\(UUID().uuidString.prefix(8)).sock"
        let server = try StreamServer(
            socket: LocalSocket(path: path), backend: backend,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { await server.run() }
        do {
            try await onThreadOfItsOwn { try body(path) }
        } catch {
            server.stop()
            await running.value
            throw error
        }
        server.stop()
        await running.value
        #expect(access(path, F_OK) != 0)
        _ = try eventually("every place given back") { backend.feed.readers == 0 ? true : nil }
    }

    @Test func whoSaysNothingGetsWhatStandsAndThenWhatComes() async throws {
        let backend = FakeBackend(standing: [FakeLines.standing("a"), FakeLines.standing("b")])
        backend.commit(3)
        try await serving(backend) { path in
            let peer = try StreamPeer(path)
            let hello = try #require(try peer.next())
            #expect(hello.what == "hello")
            #expect(hello.last == 3)
            #expect(hello.boot == "boot-1")
            #expect(try peer.next()?.id == "a")
            #expect(try peer.next()?.id == "b")
            // What stands is that after event 3; of this run, as its boot says.
            #expect(try peer.next() == StreamPeer.Line(what: "place", last: 3, boot: "boot-1"))
            backend.commit(2)
            backend.feed.publish([FakeLines.heartbeat(last: 5)])
            #expect(try peer.events(2) == [4, 5])
            #expect(try peer.next("heartbeat").last == 5)
        }
    }

    @Test func onlyOwnerAndGroupMayConnect() async throws {
        try await serving(FakeBackend()) { path in
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o660)
        }
    }

    @Test func aReaderGoesOnWhereItWasAndKnowsWhatMayBeARepetition() async throws {
        let backend = FakeBackend(standing: [FakeLines.standing("a")])
        backend.commit(1200)
        try await serving(backend) { path in
            let peer = try StreamPeer(path)
            peer.say("{\"hello\":\"horn\",\"since\":7,\"acks\":true}\n")
            _ = try peer.next("hello")
            for sequence in 8...1200 {
                let line = try #require(try peer.next())
                #expect(line.seq == Int64(sequence))
                #expect(line.dup == true)
            }
            backend.commit()
            let live = try #require(try peer.next())
            #expect(live.seq == 1201)
            #expect(live.dup == nil)
            peer.say("{\"ack\":1200}\n")
            let report = try eventually("the acknowledgement") {
                backend.streams.reports().first { $0.acked == 1200 }
            }
            #expect(report.name == "horn")
            #expect(report.who == NSUserName())
            #expect(report.sequence == 1201)
            #expect(report.behind == 0)
            #expect(report.written?.count == 1)
            #expect(report.acknowledged == nil)
            peer.say("{\"ack\":1201}\n")
            _ = try eventually("the second") { backend.streams.reports().first?.acknowledged }
        }
    }

    @Test func withoutAcknowledgementsNothingIsMarked() async throws {
        let backend = FakeBackend()
        backend.commit(2)
        try await serving(backend) { path in
            let peer = try StreamPeer(path)
            peer.say("{\"since\":0}\n")
            _ = try peer.next("hello")
            #expect(try peer.next() == StreamPeer.Line(what: "raise", seq: 1))
        }
    }

    @Test func whatTheJournalForgotIsAGap() async throws {
        let backend = FakeBackend()
        backend.commit(10)
        backend.prune(4)
        try await serving(backend) { path in
            let peer = try StreamPeer(path)
            peer.say("{\"since\":2}\n")
            let gap = try peer.next("gap")
            #expect((gap.from, gap.to, gap.lost, gap.cut) == (3, 4, 2, nil))
            #expect(try peer.events(6) == [5, 6, 7, 8, 9, 10])
        }
    }

    @Test func aNumberBeyondTheJournalBeginsAgainAtItsEnd() async throws {
        let backend = FakeBackend(standing: [FakeLines.standing("a")])
        backend.commit(10)
        try await serving(backend) { path in
            let peer = try StreamPeer(path)
            peer.say("{\"since\":900,\"acks\":true}\n")
            let gap = try peer.next("gap")
            #expect((gap.last, gap.lost) == (10, 0))
            #expect(try peer.next()?.id == "a")
            #expect(try peer.next() == StreamPeer.Line(what: "place", last: 10, boot: "boot-1"))
            backend.commit()
            #expect(try peer.events(1) == [11])
            peer.say("{\"ack\":11}\n")
            _ = try eventually("the acknowledgement") { backend.streams.reports().first { $0.acked == 11 } }
        }
    }

    @Test(arguments: [
        "no json\n", "[]\n", "{\"ack\":\"x\"}\n", "{\"ack\":99}\n", "{\"since\":-1}\n", "{\"hello\":1}\n",
        "{}\n{\"hello\":\"again\"}\n", String(repeating: "x", count: 4096),
    ])
    func whoSaysWhatIsNotExpectedIsToldAndShownTheDoor(text: String) async throws {
        try await serving(FakeBackend()) { path in
            let peer = try StreamPeer(path)
            peer.say(text)
            #expect(try peer.next()?.what == "hello")
            #expect(try peer.next("error").text?.contains("expected") == true)
            #expect(try peer.next() == nil)
        }
    }

    /// Its number was given to another event: the journal is a copy that has gone on since.
    @Test(arguments: [("boot-1", [5, 6]), ("boot-0", []), (nil, [5, 6])] as [(String?, [Int64])])
    func anEventOfAnotherRunIsAnotherJournal(boot: String?, missed: [Int64]) async throws {
        let backend = FakeBackend(standing: [FakeLines.standing("a")])
        backend.commit(4)
        backend.commit(2, boot: "boot-2")
        try await serving(backend) { path in
            let peer = try StreamPeer(path)
            peer.say("{\"since\":4,\"acks\":true\(boot.map { ",\"boot\":\"\($0)\"" } ?? "")}\n")
            _ = try peer.next("hello")
            if missed.isEmpty {
                let gap = try #require(try peer.next())
                #expect((gap.what, gap.last, gap.boot, gap.from, gap.to) == ("gap", 6, "boot-2", 5, 6))
                #expect(try peer.next()?.id == "a")
                #expect(try peer.next() == StreamPeer.Line(what: "place", last: 6, boot: "boot-2"))
            } else {
                #expect(try peer.events(missed.count) == missed)
            }
            backend.commit()
            #expect(try peer.next()?.seq == 7)
        }
    }

    /// What the journal has no more cannot be compared.
    @Test func aForgottenEventIsNoOtherJournal() async throws {
        let backend = FakeBackend()
        backend.commit(10)
        backend.prune(4)
        try await serving(backend) { path in
            let peer = try StreamPeer(path)
            peer.say("{\"since\":2,\"boot\":\"boot-0\"}\n")
            #expect(try peer.next("gap").last == nil)
            #expect(try peer.events(1) == [5])
        }
    }

    /// That its time has passed shows in what stands. What it was sent before it named its place comes again.
    @Test func aLateNameAndALatePlaceAreTaken() async throws {
        let backend = FakeBackend(standing: [FakeLines.standing("a")])
        backend.commit(2)
        try await serving(backend) { path in
            let (name, place) = (try StreamPeer(path), try StreamPeer(path))
            for peer in [name, place] { _ = try peer.next("snapshot") }
            backend.commit()
            #expect(try name.events(1) == [3])
            name.say("{\"hello\":\"late\",\"acks\":true}\n{\"ack\":3}\n")
            let report = try eventually("its name") { backend.streams.reports().first { $0.name == "late" } }
            #expect(report.sequence == 3)
            #expect(try place.events(1) == [3])
            place.say("{\"since\":1,\"acks\":true}\n")
            #expect(try place.events(2) == [2, 3])
            let served = try eventually("its place") { backend.streams.reports().first { $0.acked == 1 } }
            #expect(served.sequence == 3)
            place.say("{\"ack\":3}\n")
            _ = try eventually("its acknowledgement") {
                backend.streams.reports().count { $0.acked == 3 } == 2 ? true : nil
            }
            backend.commit()
            #expect(try place.events(1) == [4])
        }
    }

    @Test func aReaderThatOnlyClosesItsSideIsServed() async throws {
        let backend = FakeBackend()
        backend.commit(2)
        try await serving(backend) { path in
            let peer = try StreamPeer(path)
            peer.say("{\"hello\":\"nc\",\"since\":0}\n")
            peer.finishSpeaking()
            #expect(try peer.events(2) == [1, 2])
            _ = try eventually("its place") { backend.streams.reports().first { $0.name == "nc" } }
            backend.commit()
            #expect(try peer.events(1) == [3])
        }
    }

    @Test(arguments: ["", "{\"hel"]) func aReaderThatGoesGivesItsPlaceBack(text: String) async throws {
        let backend = FakeBackend()
        try await serving(backend) { path in
            let peer = try StreamPeer(path)
            _ = try peer.next("hello")
            if !text.isEmpty { peer.say(text) }
            peer.hangUp()
            // Nothing is sent to it meanwhile: that it has gone is noticed by itself.
            _ = try eventually("its place") { backend.feed.readers == 0 ? true : nil }
        }
    }

    @Test func theEndComesAfterEverythingThatWaits() async throws {
        let backend = FakeBackend()
        let path = "\(NSTemporaryDirectory())/cupel-stream-\(UUID().uuidString.prefix(8)).sock"
        let server = try StreamServer(
            socket: LocalSocket(path: path), backend: backend,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { await server.run() }
        let peer = try StreamPeer(path)
        peer.say("{}\n")
        _ = try peer.next("hello")
        // Greeted and listening.
        backend.commit()
        #expect(try peer.events(1) == [1])
        backend.commit(200)
        server.stop()
        await running.value
        #expect(try peer.events(200) == Array(2...201))
        #expect(try peer.next() == nil)
    }

    @Test func aReaderTooFarBehindIsToldAndCut() async throws {
        let backend = FakeBackend()
        try await serving(backend) { path in
            let stuck = try StreamPeer(path)
            stuck.say("{\"hello\":\"stuck\"}\n")
            _ = try stuck.next("hello")
            let busy = try eventually("more than the window behind") { () -> StreamReport? in
                backend.commit(500, padding: 400)
                return backend.streams.reports().first { $0.behind > AlarmFeed.windowLimit }
            }
            #expect(busy.name == "stuck")
            // It reads again: everything up to the gap, the gap, the end.
            var expected: Int64 = 1
            var gap: StreamPeer.Line?
            _ = try stuck.next("place")
            while let line = try stuck.next() {
                if line.what == "gap" {
                    gap = line
                } else {
                    #expect(gap == nil)
                    #expect(line.seq == expected)
                    expected += 1
                }
            }
            let told = try #require(gap)
            #expect(told.from == expected)
            #expect(told.cut == true)
            #expect(Int64(try #require(told.lost)) == (told.to ?? 0) - expected + 1)
            #expect(backend.streams.cut == 1)
        }
    }

    @Test func aReaderThatCannotEvenBeToldIsClosed() async throws {
        let backend = FakeBackend()
        try await serving(backend) { path in
            let stuck = try StreamPeer(path)
            stuck.say("{}\n")
            _ = try stuck.next("hello")
            _ = try eventually("more than the window behind") { () -> StreamReport? in
                backend.commit(500, padding: 400)
                return backend.streams.reports().first { $0.behind > AlarmFeed.windowLimit }
            }
            let now = SystemClock().monotonic()
            backend.streams.patrol(at: now)
            backend.streams.patrol(at: now + StreamRoster.hardCut.nanoseconds - 2_000_000_000)
            #expect(backend.feed.readers == 1)
            backend.streams.patrol(at: now + StreamRoster.hardCut.nanoseconds)
            _ = try eventually("its place") { backend.feed.readers == 0 ? true : nil }
            #expect(backend.streams.cut == 1)
        }
    }

    /// The one gets every line in order, while the others take none: of a thousand and two hundred sockets.
    @Test func stuckReadersCostTheHealthyOneNothing() async throws {
        let backend = FakeBackend()
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = min(limit.rlim_max, 8192)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        try await serving(backend) { path in
            let stuck = try (0..<1199).map { _ in
                let peer = try StreamPeer(path)
                peer.say("{}\n")
                return peer
            }
            let healthy = try StreamPeer(path)
            healthy.say("{\"hello\":\"healthy\",\"acks\":true}\n")
            _ = try eventually("everybody's place") { backend.feed.readers == 1200 ? true : nil }
            _ = try healthy.next("hello")
            var next: Int64 = 1
            for _ in 0..<60 {
                backend.commit(100, padding: 400)
                #expect(try healthy.events(100) == Array(next..<next + 100))
                next += 100
                healthy.say("{\"ack\":\(next - 1)}\n")
            }
            let report = try eventually("the last acknowledgement") {
                backend.streams.reports().first { $0.name == "healthy" && $0.acked == next - 1 }
            }
            #expect(report.sent >= 6000)
            // Those whose buffers had room for the line that says so are cut already.
            _ = try eventually("the others stuck or cut") {
                let stuckOnes = backend.streams.reports().count { $0.behind >= AlarmFeed.windowLimit }
                return stuckOnes + backend.streams.cut == stuck.count ? true : nil
            }
        }
    }

    /// A follower that comes back just then hears of a daemon that is gone, not of one that refuses.
    @Test func whoComesWhileItStopsGetsTheEndAlone() async throws {
        let backend = FakeBackend()
        try await serving(backend) { path in
            backend.feed.close()
            let peer = try StreamPeer(path)
            #expect(try peer.next() == nil)
            #expect(backend.streams.turnedAway == 0)
        }
    }

    @Test func beyondTheLimitAReaderIsToldSo() async throws {
        let backend = FakeBackend()
        let others = (0..<AlarmFeed.readerLimit).map { _ in backend.feed.join() }
        let path = "\(NSTemporaryDirectory())/cupel-stream-\(UUID().uuidString.prefix(8)).sock"
        let server = try StreamServer(
            socket: LocalSocket(path: path), backend: backend,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { await server.run() }
        let peer = try StreamPeer(path)
        let line = try #require(try peer.next())
        #expect(line.what == "error")
        #expect(line.text == "no place for another reader: \(AlarmFeed.readerLimit) are reading")
        #expect(try peer.next() == nil)
        #expect(backend.streams.turnedAway == 1)
        #expect(others.count == AlarmFeed.readerLimit)
        server.stop()
        await running.value
    }
}
