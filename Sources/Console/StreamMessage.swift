import FoundationEssentials
import NIOCore

/// What a reader may say on the stream's socket: one JSON object a line.
enum StreamMessage: Hashable {
    case hello(StreamHello)
    /// Everything up to this number was handed over.
    case acknowledge(Int64)

    private struct Body: Decodable {
        var hello: String?
        var since: Int64?
        var boot: String?
        var acks: Bool?
        var ack: Int64?
    }

    /// - Throws: what was expected, for the reader.
    init(line: ByteBufferView) throws(StreamRefusal) {
        let body: Body
        do {
            body = try JSONDecoder().decode(Body.self, from: Data(line))
        } catch {
            throw StreamRefusal(StreamRefusal.expected)
        }
        if let ack = body.ack {
            guard body.hello == nil, body.since == nil, body.boot == nil, body.acks == nil, ack >= 0 else {
                throw StreamRefusal(StreamRefusal.expected)
            }
            self = .acknowledge(ack)
        } else {
            guard body.since ?? 0 >= 0 else { throw StreamRefusal(StreamRefusal.expected) }
            self = .hello(
                StreamHello(
                    name: body.hello.map(StreamHello.printable), since: body.since, boot: body.boot,
                    acknowledges: body.acks ?? false))
        }
    }
}

/// Who reads, from where on, and whether it acknowledges.
struct StreamHello: Hashable, Sendable {
    /// Characters of a name that are kept.
    static let nameLimit = 64
    /// A reader that says nothing, as `socat` or `nc` at a prompt.
    static let anonymous = StreamHello(name: nil, since: nil, boot: nil, acknowledges: false)

    var name: String?
    /// It has everything up to this number; `nil` begins with what stands.
    var since: Int64?
    /// The run of the daemon that made the event `since`: another one made it when the journal was replaced.
    var boot: String?
    var acknowledges: Bool

    /// A name goes into tables and logs as it is, so it has neither line breaks nor escapes.
    fileprivate static func printable(_ name: String) -> String {
        String(name.prefix(nameLimit).map { $0.unicodeScalars.allSatisfy { $0.value >= 0x20 } ? $0 : " " })
    }
}

/// Why a reader is shown the door.
struct StreamRefusal: Error, Hashable {
    static let expected =
        "expected {\"hello\":NAME,\"since\":SEQ,\"boot\":BOOT,\"acks\":true}, each of them optional, and then {\"ack\":SEQ} lines"

    let text: String
    init(_ text: String) { self.text = text }
}

/// Cuts what arrives into lines.
struct StreamFramer {
    /// A hello with the longest name takes 400 bytes. What is longer than a line of our own is no message.
    static let lineLimit = 4096

    private var rest = ByteBuffer()

    mutating func append(_ bytes: ByteBuffer) { rest.writeImmutableBuffer(bytes) }

    /// The next whole line without its newline.
    mutating func next() throws(StreamRefusal) -> ByteBufferView? {
        guard let end = rest.readableBytesView.prefix(StreamFramer.lineLimit).firstIndex(of: UInt8(ascii: "\n")) else {
            guard rest.readableBytes < StreamFramer.lineLimit else {
                throw StreamRefusal("expected lines of at most \(StreamFramer.lineLimit) bytes")
            }
            rest.discardReadBytes()
            return nil
        }
        let line = rest.readSlice(length: end - rest.readerIndex)?.readableBytesView
        rest.moveReaderIndex(forwardBy: 1)
        return line
    }
}
