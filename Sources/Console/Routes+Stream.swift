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
            StreamPlace($0)
        }
        if since == .some(nil) {
            return try problem(
                .badRequest, "not a place in the stream", "expected a sequence number, 0 or more, or an event's id")
        }
        let place = since ?? nil
        let streams = backend.streams
        guard streams.count(via: .http) < Routes.streamLimit, let reader = backend.feed.join() else {
            if backend.feed.isClosed {
                return try problem(
                    .serviceUnavailable, "the daemon is stopping", "come back with the place of the last line")
            }
            streams.noteTurnedAway()
            return try problem(
                .serviceUnavailable, "no place for another reader",
                "\(Routes.streamLimit) are reading over HTTP; the stream's own socket has more")
        }
        let form = StreamForm(accepting: request.headers[.accept])
        let who = await context.peer().name
        let hello = StreamHello(name: nil, since: place?.sequence, boot: place?.boot, acknowledges: false)
        return Response(
            status: .ok, headers: [.contentType: form.contentType, .cacheControl: "no-store"],
            body: .init { [backend, channel = context.channel] writer in
                let figures = StreamFigures(who: who, via: .http, connected: SystemClock().wall() / 1_000_000)
                let id = streams.add(figures, reader) { channel.close(promise: nil) }
                defer { streams.remove(id) }
                // The connection may carry more requests after this one.
                channel.closeFuture.whenComplete { [weak reader] _ in reader?.finish() }
                let end = try await StreamPump.run(hello, backend: backend, reader: reader, figures: figures) { lines in
                    try await writer.write(form.encode(lines))
                }
                if end == .cut { streams.noteCut() }
                try await writer.finish(nil)
            })
    }
}

/// Where a browser goes on: an event's number, and the run of the daemon that made it where that is known. A journal that
/// was put back gives the number out again.
struct StreamPlace: Hashable, CustomStringConvertible {
    var sequence: Int64
    var boot: String?

    init(_ sequence: Int64, boot: String?) { (self.sequence, self.boot) = (sequence, boot) }

    /// `SEQ-BOOT`, or `SEQ`.
    init?(_ text: String) {
        let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let sequence = Int64(parts[0]), sequence >= 0, parts.last?.isEmpty == false else { return nil }
        self.init(sequence, boot: parts.count > 1 ? String(parts[1]) : nil)
    }

    var description: String { boot.map { "\(sequence)-\($0)" } ?? "\(sequence)" }
}

/// How lines are written into an HTTP body.
enum StreamForm: Hashable {
    /// A JSON object a line.
    case lines
    /// server-sent events, as the HTML standard has them: the place in `id` is what a browser comes back with.
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
                // Lines without a place leave the browser's as it is.
                if let place = line.place {
                    buffer.writeString("id: \(StreamPlace(place, boot: line.line.fields[.boot]))\n")
                }
                // The place alone sets it and calls no handler, as the standard has it.
                if line.line.sequence > 0 || line.place == nil { buffer.writeString("data: \(line.line.json)") }
                buffer.writeString("\n")
            }
        }
        return buffer
    }
}
