import Annunciation
public import Console
import Detection
import FoundationEssentials
import Historian
import Journal
import NIOCore
public import Plant
import Watch

/// Answers the console's questions from the running plant.
struct DaemonBackend: ConsoleBackend {
    /// An operator's command is answered when it is on disk; a disk that takes longer is told of instead.
    static let diskPatience: Duration = .seconds(2)

    let daemon: Daemon

    var hub: AlarmHub { daemon.hub }

    func status() -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        guard let data = try? encoder.encode(report()) else { return ByteBuffer(string: "{}") }
        return ByteBuffer(bytes: data)
    }

    func statusText() -> String { report().text() }

    func report() -> StatusReport { StatusReport(daemon) }

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

    func alarms(all: Bool) -> [AlarmReport] {
        let watch = daemon.run.watch
        let (plant, states) = watch.alarms()
        let chosen = all ? AlarmSnapshot.sorted(plant, states) : AlarmSnapshot.standing(plant, states)
        return chosen.map { definition, state in
            let tag = definition.tag.map { plant.tags[$0] }
            return AlarmReport(
                alarm: definition.name, tag: tag?.name, state: state.core.rawValue,
                level: (state.level ?? state.topLevel)?.rawValue, priority: definition.priority(state)?.rawValue,
                occurrence: state.occurrence, revision: state.revision,
                since: state.raisedAt.map { UTCTime.text(watch.utc($0)) },
                value: state.goodValue(tag), unit: tag?.unit, quality: state.evidence.quality.name,
                guidance: definition.guidance,
                respond_within_s: definition.respondWithin.map { Double($0.milliseconds) / 1000 })
        }
    }

    func snapshot() -> [AlarmLine] { AlarmSnapshot.lines(daemon.run.watch) }

    func history(after sequence: Int64, limit: Int) async throws -> [AlarmLine] {
        let journal = daemon.run.journal
        return try await onThread("journal-read") { Result { try journal.notices(after: sequence, limit: limit) } }
            .get()
            .map(AlarmLine.init)
    }

    func newest(limit: Int) async throws -> [AlarmLine] {
        let journal = daemon.run.journal
        return try await onThread("journal-read") { Result { try journal.newest(limit: limit) } }.get().map(
            AlarmLine.init)
    }

    func command(_ kind: OperatorCommand, _ requests: [CommandRequest], who: String) async -> [CommandReport] {
        let run = daemon.run
        var reports: [CommandReport] = []
        for request in requests { reports.append(await command(kind, request, run, who: who)) }
        guard reports.contains(where: { $0.answer == AlarmAnswer.ok.rawValue }),
            await !run.journal.isDurable(within: DaemonBackend.diskPatience)
        else { return reports }
        for index in reports.indices where reports[index].answer == AlarmAnswer.ok.rawValue {
            reports[index].reason = "taken, but the journal cannot write it yet"
        }
        return reports
    }

    private func command(
        _ kind: OperatorCommand, _ request: CommandRequest, _ run: PlantRun, who: String
    ) async -> CommandReport {
        guard run.plant.alarms.contains(where: { $0.name == request.alarm }) else {
            return CommandReport(
                alarm: request.alarm, answer: "unknown", reason: "no alarm has this name", who: who)
        }
        let asked: OperatorRequest
        switch kind {
        case .ack:
            guard let occurrence = request.occurrence, let revision = request.revision else {
                return CommandReport(
                    alarm: request.alarm, answer: "refused",
                    reason: "an acknowledgement names the occurrence and revision that were seen", who: who)
            }
            asked = .acknowledge(alarm: request.alarm, occurrence: occurrence, revision: revision, who: who)
        case .reset:
            asked = .reset(alarm: request.alarm, who: who)
        }
        let answer: AlarmAnswer? = await withCheckedContinuation { continuation in
            if !run.watch.ask(asked, answer: { continuation.resume(returning: $0) }) {
                continuation.resume(returning: nil)
            }
        }
        guard let answer else {
            return CommandReport(
                alarm: request.alarm, answer: "refused",
                reason: "the daemon is reloading or stopping, or \(Watch.mailboxLimit) requests wait; try again",
                who: who)
        }
        return CommandReport(alarm: request.alarm, answer: answer.rawValue, reason: Self.reason(kind, answer), who: who)
    }

    private static func reason(_ kind: OperatorCommand, _ answer: AlarmAnswer) -> String? {
        switch (kind, answer) {
        case (_, .ok): nil
        case (_, .already): "nothing is left to acknowledge"
        case (_, .stale): "another occurrence stands now; look again"
        case (.reset, .refused): "only a latched alarm that is acknowledged and whose condition is gone can be reset"
        case (.ack, .refused): "it cannot be acknowledged now"
        }
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

extension Journal {
    /// Waits until everything appended so far is committed; false when that takes longer than `patience`.
    fileprivate func isDurable(within patience: Duration) async -> Bool {
        let (answers, continuation) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingOldest(1))
        // Entries are committed in the order they came, so an empty one is a mark behind all others.
        append(JournalEntry(completion: { continuation.yield($0 != nil) }))
        let clock = Task {
            try? await Task.sleep(for: patience)
            continuation.yield(false)
        }
        defer { clock.cancel() }
        for await answer in answers { return answer }
        return false
    }
}
