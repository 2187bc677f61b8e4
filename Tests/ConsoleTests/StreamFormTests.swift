import Annunciation
import NIOCore
import Testing

@testable import Console

@Suite struct StreamFormTests {
    @Test(arguments: [
        (nil, StreamForm.lines), ("*/*", .lines), ("text/event-stream", .events),
        ("application/json, Text/Event-Stream;q=0.9", .events), ("text/event-streams", .lines),
    ])
    func theAcceptHeaderChooses(accept: String?, form: StreamForm) { #expect(StreamForm(accepting: accept) == form) }

    @Test func eventsCarryTheNumberThatABrowserComesBackWith() {
        let lines = [FakeLines.event(7), FakeLines.heartbeat(last: 7)].map { FeedLine(line: $0, published: nil) }
        let body = String(buffer: StreamForm.events.encode(lines))
        #expect(body == "id: 7\ndata: {\"seq\":7,\"what\":\"raise\"}\n\ndata: {\"last\":7,\"what\":\"heartbeat\"}\n\n")
        #expect(String(buffer: StreamForm.lines.encode(lines)) == lines.map(\.line.json).joined())
    }
}
