import Console
import Detection
import Journal
import Plant
import Watch

/// The operators' side: what stands, and what they do about it.
extension DaemonBackend {
    /// An operator's command is answered when it is on disk; a disk that takes longer is told of instead.
    static let diskPatience: Duration = .seconds(2)

    func alarms(all: Bool) -> [AlarmReport] {
        let watch = daemon.run.watch
        let table = watch.alarms()
        let chosen = all ? AlarmSnapshot.sorted(table) : AlarmSnapshot.standing(table)
        return chosen.map { AlarmReport($0, $1, in: table, utc: watch.utc) }
    }

    func command(_ kind: OperatorCommand, _ requests: [CommandRequest], who: String) async -> [CommandReport] {
        let run = daemon.run
        var reports: [CommandReport] = []
        for request in requests { reports.append(await command(kind, request, run, who: who)) }
        return await confirmed(reports, by: run.journal)
    }

    /// Whoever reads `ok` may rely on it: what was taken is on disk, or it is said that it is not yet.
    private func confirmed(_ reports: [CommandReport], by journal: Journal) async -> [CommandReport] {
        let ok = AlarmAnswer.ok.word
        guard reports.contains(where: { $0.answer == ok }), await !journal.isDurable(within: Self.diskPatience) else {
            return reports
        }
        var reports = reports
        for index in reports.indices where reports[index].answer == ok {
            reports[index].reason = "taken, but the journal cannot write it yet"
        }
        return reports
    }

    private func command(
        _ kind: OperatorCommand, _ request: CommandRequest, _ run: PlantRun, who: String
    ) async -> CommandReport {
        func report(_ answer: String, _ reason: String?) -> CommandReport {
            CommandReport(alarm: request.alarm, answer: answer, reason: reason, who: who)
        }
        /// What never reached an alarm is kept, too.
        func turnedAway(_ answer: String, _ reason: String) -> CommandReport {
            let time = SystemClock().wall() / 1_000_000
            let record = AuditRecord(
                time: time, who: who, what: kind.rawValue, subject: request.alarm, answer: "\(answer): \(reason)",
                why: request.why)
            run.journal.append(JournalEntry(audit: [record]))
            return report(answer, reason)
        }
        let nobody = "no alarm has this name"
        guard run.plant.alarms.contains(where: { $0.name == request.alarm }) else {
            return turnedAway("unknown", nobody)
        }
        let command: AlarmCommand
        do throws(IncompleteCommand) {
            command = try AlarmCommand(kind, request)
        } catch {
            return turnedAway("refused", error.reason)
        }
        let asked = OperatorRequest(
            alarm: request.alarm, command: command, note: Note(who: who, why: request.why ?? ""))
        // Twice optional: whether it could be asked at all, and whether the alarm is still there.
        let answer: AlarmAnswer?? = await withCheckedContinuation { continuation in
            if !run.watch.ask(asked, answer: { continuation.resume(returning: .some($0)) }) {
                continuation.resume(returning: .none)
            }
        }
        switch answer {
        case nil:
            return turnedAway(
                "refused",
                "the daemon is reloading or stopping, or \(Watch.mailboxLimit) requests wait; try again")
        case .some(nil): return turnedAway("unknown", nobody)
        case .some(let answer?): return report(answer.word, answer.reason(for: kind))
        }
    }

    // MARK: Heats

    func heats() -> [HeatReport] { daemon.run.heats.reports(of: daemon.run.plant) }

    func beginHeat(_ heat: HeatReport, who: String) async -> CommandReport {
        let run = daemon.run
        func turnedAway(_ answer: String, _ reason: String) -> CommandReport {
            let time = SystemClock().wall() / 1_000_000
            let record = AuditRecord(
                time: time, who: who, what: "heat", subject: heat.controller, answer: "\(answer): \(reason)")
            run.journal.append(JournalEntry(audit: [record]))
            return CommandReport(alarm: heat.controller, answer: answer, reason: reason, who: who)
        }
        guard let controller = run.plant.controllers.first(where: { $0.name == heat.controller }) else {
            return turnedAway("unknown", "no controller has this name")
        }
        guard heat.heat != "", heat.product != "" else {
            return turnedAway("refused", "a heat and its product have names")
        }
        if let product = heat.product, !run.plant.products.isEmpty, !run.plant.products.contains(product) {
            let known = run.plant.products.joined(separator: ", ")
            return turnedAway("refused", "no limits are for \(product); expected \(known)")
        }
        run.begin(heat, on: controller, who: who)
        let report = CommandReport(alarm: heat.controller, answer: AlarmAnswer.ok.word, who: who)
        return await confirmed([report], by: run.journal)[0]
    }
}

/// What a command lacks.
private struct IncompleteCommand: Error {
    let reason: String
}

extension AlarmCommand {
    fileprivate init(_ kind: OperatorCommand, _ request: CommandRequest) throws(IncompleteCommand) {
        switch kind {
        case .ack, .unack:
            guard let occurrence = request.occurrence, let revision = request.revision else {
                throw IncompleteCommand(
                    reason: "an acknowledgement names the occurrence and revision that were seen")
            }
            self =
                kind == .ack
                ? .acknowledge(occurrence: occurrence, revision: revision)
                : .unacknowledge(occurrence: occurrence, revision: revision)
        case .reset: self = .reset
        case .shelve:
            // Beyond a year it is no shelf, and no sum of milliseconds.
            guard let seconds = request.duration_s, seconds.isFinite, abs(seconds) <= 366 * 86_400 else {
                throw IncompleteCommand(reason: "a shelf needs its time in seconds, a year at most")
            }
            self = .shelve(for: .milliseconds(Int64(seconds * 1000)), oneShot: request.one_shot ?? false)
        case .unshelve: self = .unshelve
        case .suppress: self = .suppress
        case .unsuppress: self = .unsuppress
        case .outOfService:
            if let review = request.review_ms, !UTCTime.writable.contains(review) {
                throw IncompleteCommand(reason: "the review is no time of the years 1 to 9999")
            }
            if let review = request.review_ms, review <= SystemClock().wall() / 1_000_000 {
                throw IncompleteCommand(reason: "the review lies in the past, at \(UTCTime.text(review))")
            }
            self = .takeOutOfService(permit: request.permit, review: request.review_ms)
        case .return: self = .returnToService
        case .test: self = .test
        }
    }
}

extension AlarmAnswer {
    fileprivate func reason(for kind: OperatorCommand) -> String? {
        switch self {
        case .ok: nil
        case .already:
            switch kind {
            case .ack: "nothing is left to acknowledge"
            case .unack: "it is unacknowledged already"
            case .shelve, .suppress, .outOfService, .reset, .test: "it is so already"
            case .unshelve: "it is not shelved"
            case .unsuppress: "no operator suppresses it"
            case .return: "it is in service"
            }
        case .stale: "another occurrence stands now, or it is hidden; look again"
        case .refused(let refusal): refusal.rawValue
        }
    }
}

extension AlarmReport {
    init(_ definition: AlarmDefinition, _ state: AlarmState, in table: AlarmTable, utc: (Int64) -> Int64) {
        let plant = table.plant
        let tag = definition.tag.map { plant.tags[$0] }
        self.init(alarm: definition.name, tag: tag?.name, state: state.shown, core: state.core.rawValue)
        level = (state.level ?? state.topLevel)?.rawValue
        priority = definition.priority(state).rawValue
        (occurrence, revision) = (state.occurrence, state.revision)
        since = state.raisedAt.map { UTCTime.text(utc($0)) }
        value = state.goodValue(tag)
        unit = tag?.unit
        quality = state.evidence.quality.name
        figure = state.evidence.figure
        limit = state.limit
        detail = state.evidence.detail
        first_out = state.firstOut.map { $0.simultaneous ? "simultaneous" : "first" }
        chattering = table.chattering[definition.id]
        let rationale = definition.rationale
        (cause, consequence, guidance) = (rationale.cause, rationale.consequence, rationale.guidance)
        respond_within_s = rationale.respondWithin.map { Double($0.milliseconds) / 1000 }
        alarm_class = rationale.alarmClass
        hide(state, utc)
    }

    /// The overlay that is seen, and who answers for it.
    private mutating func hide(_ state: AlarmState, _ utc: (Int64) -> Int64) {
        switch state.overlay {
        case .outOfService:
            (hidden_by, hidden_why) = (state.outOfService?.note.who, state.outOfService?.note.why)
            // A review is a date, given in UTC.
            hidden_until = state.outOfService?.review.map(UTCTime.text)
        case .suppressed:
            hidden_by = state.suppressedBy?.who ?? "design"
            hidden_why = state.suppressedBy?.why ?? state.suppression.text
        case .shelved:
            (hidden_by, hidden_why) = (state.shelf?.note.who, state.shelf?.note.why)
            hidden_until = state.shelf.map { UTCTime.text(utc($0.until)) }
        case nil: break
        }
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
