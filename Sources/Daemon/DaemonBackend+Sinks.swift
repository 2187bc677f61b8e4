import Annunciation
public import Console
public import Journal
public import Plant

/// Delivery, as people ask for it.
extension DaemonBackend {
    func sinks() -> [SinkStatus] { daemon.run.sinks.statuses }

    /// `nil` when there is no such sink.
    func testSink(_ name: String, who: String) async -> SinkTrial? {
        let run = daemon.run
        guard let sink = run.sinks.sink(named: name) else { return nil }
        let time = SystemClock().wall() / 1_000_000
        let line = AlarmLine.test(of: name, plant: run.plant.name, who: who, at: time)
        let trial = await withCheckedContinuation { continuation in
            if !sink.test(line, answer: { continuation.resume(returning: $0) }) {
                continuation.resume(
                    returning: SinkTrial(
                        sink: name, delivered: false, acknowledged: false,
                        answer: "\(Sink.trialLimit) tests wait already, or the sink is stopping", milliseconds: 0))
            }
        }
        let text = "sink \(name) tested: \(trial.delivered ? "delivered" : "NOT delivered"), \(trial.answer)"
        note(.sinkTest, text, who, subject: name, answer: trial.delivered ? "ok" : "failed: \(trial.answer)")
        return trial
    }

    func letters(of sink: String?) async throws -> [DeliveryReport] {
        let journal = daemon.run.journal
        return try await onThread("journal-read") {
            // What a sink gave up a moment ago is on its way to the disk.
            journal.settle(within: SinkRack.cursorPatience)
            return Result { try DeliveryReport.list(journal.letters(of: sink), journal.notices(numbered:)) }
        }.get()
    }

    func deliveries(of sequence: Int64?, limit: Int) async throws -> [DeliveryReport] {
        let journal = daemon.run.journal
        return try await onThread("journal-read") {
            Result {
                try DeliveryReport.list(journal.deliveries(of: sequence, limit: limit), journal.notices(numbered:))
            }
        }.get()
    }

    /// `nil` when there is no such sink.
    func resend(_ asked: SinkRequest, who: String) async throws -> ResendReport? {
        let run = daemon.run
        guard let sink = run.sinks.sink(named: asked.sink) else { return nil }
        let journal = run.journal
        let (wanted, found) = try await onThread("journal-read") {
            journal.settle(within: SinkRack.cursorPatience)
            return Result { () throws -> ([Int64], [AlarmNotice]) in
                let wanted = try asked.sequences ?? journal.letters(of: asked.sink).map(\.sequence)
                return (wanted, try journal.notices(numbered: wanted))
            }
        }.get()
        let queued = sink.resend(
            found.map { notice in
                var again = notice
                again.dup = true
                return AlarmLine(again)
            })
        if !queued.isEmpty {
            let text = "\(queued.count) events sent again to sink \(asked.sink)"
            note(.resent, text, who, subject: asked.sink, answer: "ok")
        }
        let known = Set(found.map(\.seq))
        return ResendReport(
            sink: asked.sink, queued: queued, unknown: wanted.filter { !known.contains($0) },
            full: known.subtracting(queued).sorted())
    }

    private func note(_ event: DaemonEvent, _ text: String, _ who: String, subject: String, answer: String) {
        let time = SystemClock().wall() / 1_000_000
        daemon.run.journal.append(
            JournalEntry(
                notices: [.daemon(event, text: text, at: time, who: who)],
                audit: [AuditRecord(time: time, who: who, what: event.rawValue, subject: subject, answer: answer)]))
    }
}

extension DeliveryReport {
    /// Deliveries with the events they are about.
    public static func list(
        _ records: [DeliveryRecord], _ notices: ([Int64]) throws -> [AlarmNotice]
    ) rethrows -> [DeliveryReport] {
        let events = Dictionary(
            try notices(Array(Set(records.map(\.sequence)))).map { ($0.seq, $0) },
            uniquingKeysWith: { first, _ in first })
        return records.map { record in
            let event = events[record.sequence]
            return DeliveryReport(
                seq: record.sequence, sink: record.sink, outcome: record.outcome.rawValue, reason: record.reason,
                tries: record.tries, t_source: event.map { UTCTime.text($0.sourceTime) },
                t_received: event.map { UTCTime.text($0.receivedTime) },
                t_committed: record.committed.map(UTCTime.text), t_written: record.written.map(UTCTime.text),
                t_acked: record.acknowledged.map(UTCTime.text),
                text: event.map { String($0.textLine().dropLast()) } ?? "")
        }
    }
}
