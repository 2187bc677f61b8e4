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

    @Test(
        arguments: [
            ("0", 0, nil), ("7", 7, nil), ("7-ab12", 7, "ab12"), ("7-a-b", 7, "a-b"),
        ] as [(String, Int64, String?)])
    func aPlaceComesBackAsItWent(text: String, sequence: Int64, boot: String?) {
        #expect(StreamPlace(text) == StreamPlace(sequence, boot: boot))
        #expect(StreamPlace(sequence, boot: boot).description == text)
    }

    @Test(arguments: ["", "x", "-1", "-", "7-", "-ab", "7.5-a"]) func whatIsNoPlace(text: String) {
        #expect(StreamPlace(text) == nil)
    }

    @Test func eventsCarryThePlaceThatABrowserComesBackWith() {
        let lines = [FakeLines.event(7), FakeLines.heartbeat(last: 7)].map { FeedLine(line: $0, published: nil) }
        let body = String(buffer: StreamForm.events.encode(lines))
        #expect(
            body
                == "id: 7-boot-1\ndata: {\"seq\":7,\"what\":\"raise\"}\n\ndata: {\"last\":7,\"what\":\"heartbeat\"}\n\n"
        )
        #expect(String(buffer: StreamForm.lines.encode(lines)) == lines.map(\.line.json).joined())
    }
}
