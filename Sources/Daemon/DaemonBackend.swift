import Annunciation
public import Console
import Detection
import FoundationEssentials
import Historian
import Journal
import Logging
import NIOCore
public import Plant
import Watch

/// Answers the console's questions from the running plant.
struct DaemonBackend: ConsoleBackend {
    let daemon: Daemon

    var feed: AlarmFeed { daemon.feed }
    var streams: StreamRoster { daemon.streams }

    var greeting: StreamGreeting {
        let run = daemon.run
        return StreamGreeting(
            version: Daemon.version, plant: run.plant.name, boot: run.journal.boot,
            heartbeatSeconds: Int(Daemon.beatEvery.components.seconds))
    }

    func status() -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        guard let data = try? encoder.encode(report()) else { return ByteBuffer(string: "{}") }
        return ByteBuffer(bytes: data)
    }

    func statusText() -> String { report().text() }

    func report() -> StatusReport { StatusReport(daemon, clients: daemon.streams.reports()) }

    func tags(matching pattern: String) -> [TagReport] { TagReport.list(daemon.run.plant, matching: pattern) }

    func now(matching pattern: String) -> [ReadingReport] {
        let snapshot = daemon.run.watch.snapshot()
        let now = SystemClock().monotonic()
        let wanted = NamePattern(pattern)
        return snapshot.plant.tags.filter { wanted.matches($0.name) }.map { tag in
            let reading = snapshot.reading(of: tag.id, at: now)
            let read = reading.quality != .neverRead
            return ReadingReport(
                tag: tag.name, time: read ? UTCTime.text(reading.time) : nil, value: tag.number(of: reading),
                text: tag.label(of: reading, texts: snapshot.texts), unit: tag.unit, quality: reading.quality.name,
                age_ms: read ? (now - reading.replied) / 1_000_000 : nil)
        }
    }

    func snapshot() -> [AlarmLine] { AlarmSnapshot.lines(daemon.run.watch) }

    func history(after sequence: Int64, limit: Int, again: Bool) async throws -> [AlarmLine] {
        let journal = daemon.run.journal
        return try await onThread("journal-read") { Result { try journal.notices(after: sequence, limit: limit) } }
            .get()
            .map { notice in
                var notice = notice
                notice.dup = again
                return AlarmLine(notice)
            }
    }

    func newest(limit: Int) async throws -> [AlarmLine] {
        let journal = daemon.run.journal
        return try await onThread("journal-read") { Result { try journal.newest(limit: limit) } }.get().map {
            AlarmLine($0)
        }
    }

    var operators: String? { daemon.run.plant.console.operators }

    /// What was asked for and refused is part of who did what.
    func turnedAway(_ who: String, from what: String) {
        let clock = SystemClock()
        guard let times = daemon.turnedAway.note(who, at: clock.monotonic() / 1_000_000) else { return }
        let since = times > 1 ? " (\(times) times since the last note)" : ""
        daemon.logger.warning("\(who) asked for \(what) and is not an operator\(since)")
        daemon.run.journal.append(
            JournalEntry(audit: [
                AuditRecord(
                    time: clock.wall() / 1_000_000, who: who, what: what, subject: "console.operators",
                    answer: "refused: not in the group \(operators ?? "none")\(since)")
            ]))
    }

    func reload(who: String) async -> Result<ReloadReport, ReloadRefusal> { await daemon.reload(who: who) }
}

extension TagReport {
    /// The tags whose names match a pattern, as the configuration has them.
    public static func list(_ plant: Plant, matching pattern: String) -> [TagReport] {
        let wanted = NamePattern(pattern)
        return plant.tags.filter { wanted.matches($0.name) }.map { tag in
            let group = plant.groups[tag.group]
            return TagReport(
                name: tag.name, unit: tag.unit, description: tag.description,
                controller: plant.controllers[tag.controller].name, scan: group.scan,
                period_ms: group.period.milliseconds,
                register: tag.placeText, type: "\(tag.type)")
        }
    }
}

extension Tag {
    fileprivate func number(of reading: LatestReading) -> Double? {
        guard !reading.quality.isBad, !type.isString else { return nil }
        let value = engineering(reading.bits)
        return value.isFinite ? decimal(value) : nil
    }

    /// The text, with the name of the state where it has one.
    fileprivate func label(of reading: LatestReading, texts: [Tag.ID: String]) -> String? {
        guard let text = text(of: reading, texts: texts) else { return nil }
        guard let code = Int(text), let state = states[code] else { return text }
        return "\(text) \(state)"
    }
}
