import Detection
import FoundationEssentials
import GRDB
import Store

/// The one place that knows the columns of `alarm_event`.
enum NoticeRow {
    static let insert = """
        INSERT INTO alarm_event(
            boot, time, source, effective, alarm, tag, occ, rev, what, state, level, priority, value, unit,
            figure, limit_value, definition, first_out, quality, annunciated, told, during_outage, until, text,
            detail, guidance, response_s, cause, consequence, class, who, why, after_scan, only_to,
            top_priority, raised, not_to)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
            ?, ?)
        """

    static let select = "SELECT alarm_event.*, boot.plant FROM alarm_event JOIN boot ON boot.id = alarm_event.boot"

    static func arguments(_ notice: AlarmNotice, boot: String) -> StatementArguments {
        [
            boot, notice.receivedTime, notice.sourceTime, notice.effectiveTime, notice.id, notice.tag, notice.occ,
            notice.rev, notice.what, notice.state, notice.level, notice.priority, notice.value, notice.unit,
            notice.figure, notice.limit, notice.definition, notice.firstOut, notice.quality, notice.annunciated,
            notice.told, notice.duringOutage, notice.until, notice.text, notice.detail, notice.guidance,
            notice.responseSeconds, notice.cause, notice.consequence, notice.alarmClass, notice.who, notice.why,
            notice.afterScan, notice.onlyTo?.joined(separator: " "), notice.topPriority, notice.raisedTime,
            notice.notTo,
        ]
    }

    /// A journal that a reader finds with the columns of version 1 has `nil` in those that came later.
    static func notice(_ row: Row) throws -> AlarmNotice {
        AlarmNotice(
            plant: row["plant"], boot: row["boot"], seq: row["seq"], id: row["alarm"], occ: row["occ"],
            rev: row["rev"], what: row["what"], state: row["state"], priority: row["priority"], tag: row["tag"],
            value: row["value"], unit: row["unit"], figure: row["figure"], limit: row["limit_value"],
            level: row["level"], definition: row["definition"], firstOut: row["first_out"], quality: row["quality"],
            sourceTime: row["source"], receivedTime: row["time"], effectiveTime: row["effective"],
            until: row["until"], guidance: row["guidance"], responseSeconds: row["response_s"], cause: row["cause"],
            consequence: row["consequence"], alarmClass: row["class"], text: row["text"], detail: row["detail"],
            who: row["who"], why: row["why"], annunciated: row["annunciated"], told: row["told"],
            duringOutage: row["during_outage"], afterScan: row["after_scan"],
            onlyTo: (row["only_to"] as String?)?.split(separator: " ").map(String.init),
            topPriority: row["top_priority"], raisedTime: row["raised"], notTo: row["not_to"])
    }

    /// All states, by alarm name. One that cannot be read stops everything: guessing would lose an acknowledgement.
    static func states(_ database: Database, path: String) throws -> [String: AlarmState] {
        let decoder = JSONDecoder()
        var states: [String: AlarmState] = [:]
        let rows = try Row.fetchCursor(database, sql: "SELECT alarm, state FROM alarm_state")
        while let row = try rows.next() {
            let alarm: String = row["alarm"]
            let json: String = row["state"]
            do {
                states[alarm] = try decoder.decode(AlarmState.self, from: Data(json.utf8))
            } catch {
                throw JournalError.corrupt(path: path, detail: "the state of alarm \(alarm) cannot be read: \(error)")
            }
        }
        return states
    }
}
