import Annunciation
import HTTPTypes
import Hummingbird
import NIOCore
import Plant

/// The stream of alarm lines over HTTP: the same lines as on the socket of its own, for `curl` and for browsers.
extension Routes {
    /// Streams at a time: the console's connections are 256, and commands must find a place beside them.
    static let streamLimit = 200

    func stream(_ request: Request, _ context: PeerContext) async throws -> Response {
        // The header comes from a browser that reconnects, with an address that names where it first began.
        let since = (HTTPField.Name("Last-Event-ID").flatMap { request.headers[$0] } ?? request.query("since")).map {
            Int64($0)
        }
        if let since, since ?? -1 < 0 {
            return try problem(.badRequest, "not a place in the stream", "expected a sequence number, 0 or more")
        }
        let streams = backend.streams
        guard streams.count(via: .http) < Routes.streamLimit, let reader = backend.feed.join() else {
            streams.noteTurnedAway()
            return try problem(
                .serviceUnavailable, "no place for another reader",
                "\(Routes.streamLimit) are reading over HTTP; the stream's own socket has more")
        }
        let form = StreamForm(accepting: request.headers[.accept])
        let who = await context.peer()
        let hello = StreamHello(name: nil, since: since ?? nil, acknowledges: false)
        return Response(
            status: .ok, headers: [.contentType: form.contentType, .cacheControl: "no-store"],
            body: .init { [backend, channel = context.channel] writer in
                let figures = StreamFigures(who: who, via: .http, connected: SystemClock().wall() / 1_000_000)
                let id = streams.add(figures, reader) { channel.close(promise: nil) }
                defer { streams.remove(id) }
                channel.closeFuture.whenComplete { _ in reader.finish() }
                let end = try await StreamPump.run(hello, backend: backend, reader: reader, figures: figures) { lines in
                    try await writer.write(form.encode(lines))
                }
                if end == .cut { streams.noteCut() }
                try await writer.finish(nil)
            })
    }
}

/// How lines are written into an HTTP body.
enum StreamForm: Hashable {
    /// A JSON object a line.
    case lines
    /// server-sent events, as the HTML standard has them: the number in `id` is what a browser comes back with.
    case events

    init(accepting accept: String?) {
        let types = (accept ?? "").lowercased().split(separator: ",").map { type in
            type.prefix { $0 != ";" }.filter { $0 != " " }
        }
        self = types.contains("text/event-stream") ? .events : .lines
    }

    var contentType: String {
        switch self {
        case .lines: "application/x-ndjson"
        case .events: "text/event-stream"
        }
    }

    func encode(_ lines: [FeedLine]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(lines.reduce(0) { $0 + $1.line.json.utf8.count + 32 })
        for line in lines {
            switch self {
            case .lines: buffer.writeString(line.line.json)
            case .events:
                // Lines without a number leave the browser's place as it is.
                if line.line.sequence > 0 { buffer.writeString("id: \(line.line.sequence)\n") }
                buffer.writeString("data: \(line.line.json)\n")
            }
        }
        return buffer
    }
}
