import Acquisition
import Annunciation
import Historian
import Journal

extension StatusReport {
    /// `cupel status` for a person: the worst first, one line for each part.
    func text() -> String {
        var text = "\(plant): \(summary)\n"
        if let configuration_error {
            text += "configuration on disk REFUSED, the old one goes on:\n\(configuration_error)\n"
        }
        text += "running since \(started)\n\n"
        for line in lines { text += describe(line) }
        text += "\nwatch     \(watch.readings) readings seen\n"
        text += "recorder  \(recorder.state.rawValue), \(recorder.readings) readings in \(recorder.scans) scans and "
        text += "\(recorder.commits) commits, slowest \(milliseconds(recorder.commitMillisecondsMax))"
        text += ", \(recorder.backlogCells) of \(recorder.backlogCapacity) cells waiting"
        if recorder.refusedBlocks > 0 { text += ", LOST \(recorder.refusedBlocks) blocks" }
        if recorder.lostScans > 0 { text += ", \(recorder.lostScans) ACKNOWLEDGED SCANS ARE GONE" }
        if let error = recorder.lastError { text += "\n          \(error)" }
        text += "\nhistory   \(recorder.sealedReadings) readings sealed into \(recorder.sealedBytes) bytes, "
        text += "\(recorder.hotRows) rows in front, log of \(recorder.logBytes >> 20) MB"
        if recorder.oldScans > 0 { text += "\n          \(recorder.oldScans) rows of an older version left to seal" }
        if let warning = recorder.logWarning { text += "\n          \(warning)" }
        if let error = recorder.housekeepingError { text += "\n          NOT KEPT IN ORDER: \(error)" }
        text += "\njournal   \(journal.lastSequence) events, \(journal.commits) commits, slowest "
        text += "\(milliseconds(journal.commitMillisecondsMax)), \(journal.queueDepth) waiting"
        if journal.lost > 0 { text += ", LOST \(journal.lost)" }
        if let error = journal.lastError { text += "\n          \(error)" }
        text +=
            "\nalarms    \(alarms.active) active, \(alarms.unacknowledged) unacknowledged, \(alarms.shelved) shelved, "
        text += "\(alarms.suppressed) suppressed, \(alarms.out_of_service) out of service"
        if alarms.chattering > 0 { text += ", \(alarms.chattering) chattering" }
        if let since = alarms.flood_since { text += ", FLOOD since \(since)" }
        text += "; "
        text += "\(streams.listeners) readers, \(streams.cut) cut off"
        if streams.dead > 0 { text += ", \(streams.dead) DEAD" }
        if streams.turned_away > 0 { text += ", \(streams.turned_away) TURNED AWAY" }
        text += "\n" + describe(streams.clients)
        for sink in sinks {
            text += "sink      \(sink.name): \(sink.sent) sent, \(sink.backlog) waiting, \(sink.lost) lost"
            if sink.dead > 0 { text += ", \(sink.dead) GIVEN UP" }
            text += sink.fault.map { "; \($0)" } ?? ""
            text += "\n"
        }
        for call in escalations.running {
            text += "calling   \(call.alarm)@\(call.occurrence), policy \(call.policy): "
            text += call.step.map { "step \($0) of \(call.steps), \(call.called) calls made" } ?? "everybody was called"
            text += call.next.map { ", next at \($0)" } ?? ""
            text += "\n"
        }
        return text
    }

    /// Readers that are shown one by one: a screenful, the worst first.
    private static let shownReaders = 20

    private func describe(_ clients: [StreamReport]) -> String {
        let worst = clients.sorted { ($0.dead ? 1 : 0, $0.behind) > ($1.dead ? 1 : 0, $1.behind) }
        var text = ""
        for client in worst.prefix(Self.shownReaders) {
            text += "reader    \(client.name ?? "-") of \(client.who), \(client.via.rawValue): \(client.sent) lines"
            if let acked = client.acked { text += ", acknowledged \(acked) of \(client.sequence)" }
            if client.behind > 0 { text += ", \(client.behind) behind" }
            if let written = client.written { text += ", written in \(milliseconds(written.p99)) (p99)" }
            if let trouble = client.trouble { text += ", DEAD: \(trouble)" }
            text += "\n"
        }
        if clients.count > Self.shownReaders {
            text += "          and \(clients.count - Self.shownReaders) more readers\n"
        }
        return text
    }

    private func describe(_ line: LineStatus) -> String {
        var text = "line \(line.endpoint)  \(line.fault.map { "DOWN: \($0)" } ?? "ok"), \(line.ok) replies"
        if let mean = line.rtt_mean_ms, let p99 = line.rtt_p99_ms, let slowest = line.rtt_max_ms {
            text += " in \(milliseconds(mean)) (p99 \(milliseconds(p99)), slowest \(milliseconds(slowest)))"
        }
        text += ", \(line.connects) connects"
        if let first = line.endpoints.first, first != line.endpoint { text += ", NOT on \(first), which is preferred" }
        text += "\n"
        if !line.failures.isEmpty { text += "  failures: \(list(line.failures))\n" }
        if line.strays > 0 { text += "  strays: \(line.strays) replies that nobody had asked for\n" }
        for controller in line.controllers { text += describe(controller, of: line) }
        for group in line.groups {
            text += "  \(group.name): \(group.scans) scans every \(group.period_ms) ms"
            text += ", \(group.late) late, \(group.skipped) skipped"
            if let late = group.lateness_p99_ms { text += ", begun within \(milliseconds(late)) (p99)" }
            if let pass = group.pass_mean_ms {
                text += ", pass \(milliseconds(pass)) of \(milliseconds(group.pass_expected_ms)) expected"
            }
            text += "\n"
        }
        if line.ring_refused_blocks > 0 { text += "  LOST \(line.ring_refused_blocks) blocks: its ring was full\n" }
        return text
    }

    private func describe(_ controller: ControllerStatus, of line: LineStatus) -> String {
        var text = ""
        let trouble =
            controller.fault ?? (controller.frozen ? "FROZEN: its heartbeat stands still" : nil)
            ?? (controller.layout_matches ? nil : "LAYOUT is not the expected one")
        if let trouble { text += "  \(controller.name): \(trouble)\n" }
        if line.controllers.count > 1, !controller.failures.isEmpty {
            text += "  \(controller.name) failures: \(list(controller.failures))\n"
        }
        for refused in controller.quarantined {
            text += "  \(controller.name) QUARANTINED \(refused.registers): \(refused.cause)"
            text += " for \(refused.tags.joined(separator: ", ")); tested again from time to time\n"
        }
        if let learned = controller.learned {
            let limits = [learned.registers.map { "\($0) registers" }, learned.bits.map { "\($0) bits" }]
            text += "  \(controller.name) answers at most \(limits.compactMap(\.self).joined(separator: " and "))"
            text += " at once, found out; set max_registers to say so\n"
        }
        return text
    }

    private func list(_ failures: [String: Int]) -> String {
        failures.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }

    private func milliseconds(_ value: Double) -> String { "\((value * 100).rounded() / 100) ms" }
}
