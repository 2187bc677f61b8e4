import Acquisition
import Annunciation
import Console
import Detection
import Historian
import Journal
import Plant
import Watch

/// `cupel status --json`: everything a person or a program asks when something seems wrong.
struct StatusReport: Codable, Sendable {
    struct Alarms: Codable, Sendable {
        var active: Int
        var unacknowledged: Int
        /// What operators do not see, and somebody must remember.
        var shelved: Int
        var suppressed: Int
        var out_of_service: Int
        var chattering: Int
        /// Since when there is a flood; absent outside one.
        var flood_since: String?
    }

    struct WatchStatus: Codable, Sendable {
        var readings: UInt64
        var refused_requests: Int
    }

    struct Streams: Codable, Sendable {
        var listeners: Int
        /// Readers that fell behind and were cut off; they come back from where they were.
        var cut: Int
        /// Readers for whom there was no place.
        var turned_away: Int
        /// Readers that take or acknowledge nothing, as far as can be told.
        var dead: Int
        var clients: [StreamReport]
    }

    var plant: String
    var state: String
    var summary: String
    var started: String
    var configuration_error: String?
    var controllers: Int
    var controllers_down: [String]
    var tags: Int
    var alarms: Alarms
    var lines: [LineStatus]
    var watch: WatchStatus
    var recorder: RecorderStatus
    var journal: JournalStatus
    var sinks: [SinkStatus]
    var escalations: Escalator.Status
    var streams: Streams
}

extension StatusReport {
    /// - Parameter clients: how each reader of the stream does; a summary needs none of them.
    init(_ daemon: Daemon, clients: [StreamReport] = []) {
        let run = daemon.run
        let table = run.watch.alarms()
        let (plant, states) = (table.plant, table.states)
        let (active, unacknowledged) = AlarmSnapshot.counts(states)
        let down = zip(plant.alarms, states).compactMap { definition, state -> String? in
            guard case .comms(let controller, _) = definition.detector, state.condition else { return nil }
            return plant.controllers[controller].name
        }
        let recorder = run.recorder.status
        let journal = run.journal.status
        let now = SystemClock().wall() / 1_000_000
        let commit = recorder.lastCommit.map { "last commit \(Self.seconds(now - $0)) ago" } ?? "nothing committed yet"
        let trouble = recorder.lastError ?? journal.lastError ?? recorder.logWarning
        self.plant = plant.name
        state = trouble == nil ? "ok" : "degraded"
        summary =
            (trouble.map { "DEGRADED: \($0); " } ?? "")
            + "\(plant.controllers.count) controllers, \(down.count) down; \(plant.tagCount) tags; "
            + "\(unacknowledged) alarms unacknowledged; \(commit)"
        started = UTCTime.text(run.startedAt)
        configuration_error = daemon.lastConfigurationError
        controllers = plant.controllers.count
        controllers_down = down
        tags = plant.tagCount
        func hidden(_ overlay: AlarmOverlay) -> Int { states.count { $0.overlay == overlay } }
        alarms = Alarms(
            active: active, unacknowledged: unacknowledged, shelved: hidden(.shelved), suppressed: hidden(.suppressed),
            out_of_service: hidden(.outOfService), chattering: table.chattering.count,
            flood_since: table.flood.map { UTCTime.text(run.watch.utc($0.since)) })
        lines = run.lines.map(\.status)
        watch = WatchStatus(readings: run.watch.readings, refused_requests: run.watch.refusedRequests)
        self.recorder = recorder
        self.journal = journal
        sinks = run.sinks.statuses
        escalations = run.escalator.status
        streams = Streams(
            listeners: daemon.feed.readers, cut: daemon.streams.cut, turned_away: daemon.streams.turnedAway,
            dead: clients.count { $0.dead }, clients: clients)
    }

    private static func seconds(_ milliseconds: Int64) -> String { "\(Double(max(0, milliseconds) / 100) / 10) s" }
}
