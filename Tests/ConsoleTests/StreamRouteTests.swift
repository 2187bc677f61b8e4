import Annunciation
import Foundation
import TestSupport
import Testing

@testable import Console

/// The stream over HTTP, as `curl` sees it.
@Suite(.serialized) struct StreamRouteTests {
    private static func curl(_ path: String, _ target: String, _ options: String...) throws -> Program {
        try Program("/usr/bin/curl", ["-sNi", "--unix-socket", path, "http://cupel/\(target)"] + options)
    }

    @Test func linesForWhoeverAsksForNothingElse() async throws {
        let backend = FakeBackend(standing: [FakeLines.standing("a")])
        backend.commit(3)
        try await servingConsole(backend) { path in
            let curl = try Self.curl(path, "alarms/stream")
            _ = try curl.line { $0.lowercased().hasPrefix("content-type: application/x-ndjson") }
            #expect(try curl.line { $0.hasPrefix("{") } == "{\"id\":\"a\",\"what\":\"snapshot\"}")
            #expect(try curl.line() == "{\"boot\":\"boot-1\",\"last\":3,\"what\":\"place\"}")
            let report = try #require(backend.streams.reports().first)
            #expect((report.via, report.who) == (.http, NSUserName()))
            backend.commit()
            #expect(try curl.line() == "{\"seq\":4,\"what\":\"raise\"}")
            backend.feed.close()
            #expect(try curl.exit().status == 0)
        }
    }

    @Test func eventsForABrowserThatComesBack() async throws {
        let backend = FakeBackend()
        backend.commit(5)
        try await servingConsole(backend) { path in
            // The header is newer than the address.
            let curl = try Self.curl(
                path, "alarms/stream?since=1", "-H", "Accept: text/event-stream", "-H", "Last-Event-ID: 3")
            _ = try curl.line { $0.lowercased().hasPrefix("content-type: text/event-stream") }
            #expect(try curl.line { $0.hasPrefix("id:") } == "id: 4-boot-1")
            #expect(try curl.line() == "data: {\"seq\":4,\"what\":\"raise\"}")
            #expect(try curl.line() == "")
            #expect(try curl.line() == "id: 5-boot-1")
            backend.feed.close()
            #expect(try curl.exit().status == 0)
        }
    }

    /// It has no event yet, and yet a place to come back to.
    @Test(arguments: ["", "?since=900"]) func aBrowserHasAPlaceFromTheBeginning(query: String) async throws {
        let backend = FakeBackend(standing: [FakeLines.standing("a")])
        backend.commit(5)
        try await servingConsole(backend) { path in
            let curl = try Self.curl(path, "alarms/stream\(query)", "-H", "Accept: text/event-stream")
            #expect(try curl.line { $0.hasPrefix("data:") && !$0.contains("gap") }.contains("snapshot"))
            #expect(try curl.line() == "")
            #expect(try curl.line() == "id: 5-boot-1")
            #expect(try curl.line() == "")
            backend.commit()
            #expect(try curl.line() == "id: 6-boot-1")
            backend.feed.close()
            #expect(try curl.exit().status == 0)
        }
    }

    /// The journal was put back and gave the number out again: what stands comes, not what follows another event.
    @Test(arguments: [
        ("5-boot-1", "{\"seq\":6,"), ("5", "{\"seq\":6,"), ("5-boot-0", "{\"boot\":\"boot-1\",\"from\":6"),
    ])
    func aBrowsersPlaceKnowsItsJournal(id: String, first: String) async throws {
        let backend = FakeBackend()
        backend.commit(6)
        try await servingConsole(backend) { path in
            let curl = try Self.curl(
                path, "alarms/stream", "-H", "Accept: text/event-stream", "-H", "Last-Event-ID: \(id)")
            #expect(try curl.line { $0.hasPrefix("data:") }.hasPrefix("data: \(first)"))
            backend.feed.close()
            #expect(try curl.exit().status == 0)
        }
    }

    @Test(arguments: ["alarms/stream?since=x", "alarms/stream?since=-1"])
    func aPlaceThatIsNoneIsRefused(target: String) async throws {
        try await servingConsole(FakeBackend()) { path in
            let end = try Self.curl(path, target).exit()
            #expect(end.output.hasPrefix("HTTP/1.1 400"))
            #expect(end.output.contains("expected a sequence number"))
        }
    }

    @Test func whoComesWhileItStopsIsToldSo() async throws {
        let backend = FakeBackend()
        try await servingConsole(backend) { path in
            backend.feed.close()
            let end = try Self.curl(path, "alarms/stream").exit()
            #expect(end.output.hasPrefix("HTTP/1.1 503"))
            #expect(end.output.contains("the daemon is stopping"))
            #expect(backend.streams.turnedAway == 0)
        }
    }

    @Test func aReaderThatFallsBehindIsCutAndOneThatGoesGivesItsPlaceBack() async throws {
        let backend = FakeBackend()
        try await servingConsole(backend) { path in
            let stuck = try Self.curl(path, "alarms/stream")
            _ = try eventually("its place") { backend.feed.readers == 1 ? true : nil }
            stuck.signal(SIGSTOP)
            _ = try eventually("more than the window behind") { () -> StreamReport? in
                backend.commit(500, padding: 400)
                return backend.streams.reports().first { $0.behind > AlarmFeed.windowLimit }
            }
            stuck.signal(SIGCONT)
            let end = try stuck.exit()
            #expect(end.status == 0)
            #expect(end.output.split(separator: "\n").last?.contains("\"cut\":true") == true)
            #expect(backend.streams.cut == 1)
            let gone = try Self.curl(path, "alarms/stream")
            _ = try eventually("its place") { backend.feed.readers == 1 ? true : nil }
            gone.signal(SIGKILL)
            _ = try eventually("its place given back") { backend.feed.readers == 0 ? true : nil }
        }
    }
}
