import Annunciation
import FoundationEssentials
import Plant

/// Lines of the stream that no event made.
enum StreamLines {
    private struct Hello: Encodable {
        var what = "hello"
        var v = 1
        var cupel: String
        var plant: String
        var boot: String
        var last: Int64
        var heartbeat_s: Int
    }

    private struct Gap: Encodable {
        var what = "gap"
        var from: Int64
        var to: Int64
        var lost: Int
        /// The reader is cut off: it may come back with the last number it has, and gets them.
        var cut: Bool?
        var last: Int64?
        /// The run of the daemon that made the event `last`.
        var boot: String?
        var text: String
    }

    private struct Place: Encodable {
        var what = "place"
        var last: Int64
        var boot: String?
    }

    private struct Refusal: Encodable {
        var what = "error"
        var text: String
    }

    /// The server's first line. `last` is the newest number there is: what has a greater one comes.
    static func hello(_ greeting: StreamGreeting, last: Int64) -> FeedLine {
        line(
            .snapshot,
            Hello(
                cupel: greeting.version, plant: greeting.plant, boot: greeting.boot, last: last,
                heartbeat_s: greeting.heartbeatSeconds))
    }

    static func gap(_ gap: FeedGap, cut: Bool) -> FeedLine {
        line(
            .gap,
            Gap(
                from: gap.from, to: gap.to, lost: gap.lost, cut: cut ? true : nil,
                text: "\(gap.lost) events are not sent here: see `cupel alarms history`"))
    }

    /// The reader has seen numbers that the journal has not given yet.
    static func replaced(since: Int64, last: Int64, boot: String?) -> FeedLine {
        let reason =
            last < since
            ? "the journal ends at \(last), before \(since)" : "the journal has another event \(since) than was sent"
        return line(
            .gap,
            Gap(
                from: min(since, last) + 1, to: max(since, last), lost: max(0, Int(last - since)), last: last,
                boot: boot, text: "\(reason): it was replaced, and goes on from \(last)"))
    }

    /// What stands has been sent; it is that after event `last`, and what has a greater number comes.
    static func place(_ last: Int64, boot: String?) -> FeedLine {
        line(.snapshot, Place(last: last, boot: boot), place: last, boot: boot)
    }

    static func refusal(_ text: String) -> FeedLine { line(.gap, Refusal(text: text)) }

    private static func line(
        _ kind: AlarmLine.Kind, _ body: some Encodable, place: Int64? = nil, boot: String? = nil
    ) -> FeedLine {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Text and whole numbers always encode.
        let json = (try? encoder.encode(body)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        return FeedLine(
            line: AlarmLine(
                kind: kind, sequence: 0, json: json + "\n", text: json + "\n", severity: 5, rank: 3, announces: false,
                fields: boot.map { [.boot: $0] } ?? [:]),
            published: nil, place: place)
    }
}

/// What the daemon says of itself to a reader that joins.
public struct StreamGreeting: Sendable {
    public var version: String
    public var plant: String
    /// The run of the daemon: a reader that is cut off knows by it whether the daemon is still the same.
    public var boot: String
    public var heartbeatSeconds: Int

    public init(version: String, plant: String, boot: String, heartbeatSeconds: Int) {
        self.version = version
        self.plant = plant
        self.boot = boot
        self.heartbeatSeconds = heartbeatSeconds
    }
}
