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
        if let error = recorder.lastError { text += "\n          \(error)" }
        text += "\njournal   \(journal.lastSequence) events, \(journal.commits) commits, slowest "
        text += "\(milliseconds(journal.commitMillisecondsMax)), \(journal.queueDepth) waiting"
        if journal.lost > 0 { text += ", LOST \(journal.lost)" }
        if let error = journal.lastError { text += "\n          \(error)" }
        text += "\nalarms    \(alarms.active) active, \(alarms.unacknowledged) unacknowledged; "
        text += "\(streams.listeners) readers, \(streams.cut) cut off\n"
        for sink in sinks {
            text += "sink      \(sink.name): \(sink.sent) sent, \(sink.backlog) waiting, \(sink.lost) lost"
            text += sink.fault.map { "; \($0)" } ?? ""
            text += "\n"
        }
        return text
    }

    private func describe(_ line: LineStatus) -> String {
        var text = "line \(line.endpoint)  \(line.fault.map { "DOWN: \($0)" } ?? "ok"), \(line.ok) replies"
        if let mean = line.rtt_mean_ms, let slowest = line.rtt_max_ms {
            text += " in \(milliseconds(mean)) (slowest \(milliseconds(slowest)))"
        }
        text += ", \(line.connects) connects\n"
        if !line.failures.isEmpty {
            let failures = line.failures.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            text += "  failures: \(failures.joined(separator: ", "))\n"
        }
        for controller in line.controllers
        where controller.fault != nil || controller.frozen || !controller.layout_matches {
            text +=
                "  \(controller.name): \(controller.fault ?? (controller.frozen ? "FROZEN: its heartbeat stands still" : "LAYOUT is not the expected one"))\n"
        }
        for group in line.groups {
            text +=
                "  \(group.name): \(group.scans) scans every \(group.period_ms) ms, \(group.late) late, \(group.skipped) skipped"
            text += ", last took \(milliseconds(group.last_scan_ms))\n"
        }
        if line.ring_refused_blocks > 0 { text += "  LOST \(line.ring_refused_blocks) blocks: its ring was full\n" }
        return text
    }

    private func milliseconds(_ value: Double) -> String { "\((value * 100).rounded() / 100) ms" }
}
