import Commissioning
import Modbus
import Plant

/// What `cupel probe` found: the JSON, and the same for a person.
struct ProbeReport: Encodable {
    struct Unit: Encodable {
        var unit: UInt8
        var functions: [Function]
        var round_trips: Int
        var round_trip_min_ms: Double
        var round_trip_mean_ms: Double
        var round_trip_max_ms: Double
    }

    struct Function: Encodable {
        var function: UInt8
        var table: String
        /// `answers`, `no-readable-place`, `not-there`.
        var state: String
        var first: String?
        var refusal: String?
        var largest_block: Int?
        /// `whole`, `limit`, `edge`.
        var verdict: String?
        var larger_block: String?
    }

    var endpoint: String
    var asked: Int
    var units: [Unit]
    /// Units of which a gateway said that they are not there, and units that gave no answer, by cause.
    var absent: [UInt8]
    var failed: [String: [UInt8]]
    var silent: Bool
    /// What came last from an endpoint that gave no answer.
    var received: String?
    var any_unit_answers: Bool

    init(_ probe: Probe, of party: Party, asked: Int) {
        endpoint = party.name
        self.asked = asked
        units = probe.answering.map(Unit.init)
        absent = probe.units.filter { if case .absent = $0.presence { true } else { false } }.map(\.unit)
        failed = [:]
        for unit in probe.units {
            if case .failed(let error) = unit.presence { failed["\(error)", default: []].append(unit.unit) }
        }
        silent = probe.isSilent
        received = probe.isSilent ? probe.lastAnomaly?.description : nil
        any_unit_answers = probe.isIndifferent
    }
}

extension ProbeReport.Unit {
    init(_ found: Probe.Unit) {
        unit = found.unit
        functions = found.functions.map(ProbeReport.Function.init)
        round_trips = found.roundTrips.count
        round_trip_min_ms = Self.milliseconds(found.roundTrips.shortest)
        round_trip_mean_ms = Self.milliseconds(found.roundTrips.mean)
        round_trip_max_ms = Self.milliseconds(found.roundTrips.longest)
    }

    private static func milliseconds(_ nanoseconds: Int64) -> Double { (Double(nanoseconds) / 1000).rounded() / 1000 }
}

extension ProbeReport.Function {
    init(_ found: Probe.Function) {
        function = found.table.function
        table = found.table.rawValue
        state = found.place != nil ? "answers" : found.isKnown ? "no-readable-place" : "not-there"
        first = found.place?.description
        refusal = found.refusal?.description
        largest_block = found.block?.range.count
        switch found.block?.verdict {
        case nil: break
        case .whole: verdict = "whole"
        case .limit(let error): (verdict, larger_block) = ("limit", "\(error)")
        case .edge(let error): (verdict, larger_block) = ("edge", "\(error)")
        }
    }
}

extension ProbeReport {
    var text: String {
        var text = "\(endpoint): \(units.count) of \(asked) units answer\n"
        var table = Table(headers: ["UNIT", "FUNCTION", "FIRST", "LARGEST BLOCK"], rightAligned: [0])
        for unit in units {
            for function in unit.functions {
                table.rows.append([
                    "\(unit.unit)", "\(function.function) \(function.table)", function.first ?? "-", function.blockText,
                ])
            }
        }
        if !table.rows.isEmpty { text += "\n" + table.text() + "\n" }
        for unit in units where !unit.functions.isEmpty {
            text += "unit \(unit.unit): round trip min \(Tag.shown(unit.round_trip_min_ms)), "
            text += "mean \(Tag.shown(unit.round_trip_mean_ms)), max \(Tag.shown(unit.round_trip_max_ms)) ms "
            text += "over \(unit.round_trips) replies\n"
        }
        let hasty = units.filter(\.functions.isEmpty).map { Int($0.unit) }
        if any_unit_answers {
            text += "every unit answers alike: a device that does not look at the unit; only the first was looked at\n"
        } else if !hasty.isEmpty {
            text += "answer, and were not looked at closely: \(AskText.runs(hasty))\n"
        }
        if !absent.isEmpty {
            text += "a gateway says that these are not there: \(AskText.runs(absent.map(Int.init)))\n"
        }
        for (cause, units) in failed.sorted(by: { $0.key < $1.key }) {
            text += "\(cause): \(AskText.runs(units.map(Int.init)))\n"
        }
        if silent {
            let asked = failed.values.map(\.count).reduce(0, +)
            text +=
                received.map { "the endpoint takes connections and no unit gave a proper reply; what came last: \($0)" }
                ?? "the endpoint takes connections and says nothing"
            if asked < self.asked { text += "; only the first \(asked) units were asked, --silent-units 0 asks all" }
            text += "\n"
        }
        return text
    }
}

extension ProbeReport.Function {
    fileprivate var blockText: String {
        let items = function < 3 ? "bits" : "registers"
        switch (state, verdict) {
        case ("answers", "limit"): return "\(largest_block ?? 0) \(items): more is refused, \(larger_block ?? "")"
        case ("answers", "edge"):
            return "at least \(largest_block ?? 0) \(items): the map ends there, \(larger_block ?? "")"
        case ("answers", _): return "\(largest_block ?? 0) \(items)"
        case ("no-readable-place", _): return "the function is there, but none of the places tried: \(refusal ?? "")"
        default: return "not there: \(refusal ?? "")"
        }
    }
}
