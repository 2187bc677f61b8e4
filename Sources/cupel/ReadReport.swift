import Acquisition
import Commissioning
import Modbus
import Plant

/// What `cupel read` found: the JSON, and the same for a person.
struct ReadReport: Encodable {
    struct Item: Encodable {
        var register: String
        var hex: String?
        var value: UInt16
    }

    struct Reading: Encodable {
        var register: String
        var type: String
        var order: String?
        var text: String
        var likelihood: String
    }

    /// What the daemon would make of a tag.
    struct TagReading: Encodable {
        var tag: String
        var quality: String
        var steps: [String]
    }

    var endpoint: String
    var unit: UInt8
    var register: String
    var count: Int
    var sent: String
    /// Of the reply; absent when none came.
    var replied: String?
    var round_trip_ms: Double?
    var error: String?
    var items: [Item]
    var readings: [Reading]
    var characters: [String: String]
    var tag: TagReading?
    private let meanings: [Meaning]

    private enum CodingKeys: String, CodingKey {
        case endpoint, unit, register, count, sent, replied, round_trip_ms, error, items, readings, characters, tag
    }

    init(_ reply: Reply, from party: Party, expecting: (RegisterRange) -> Meaning.Expectation?, tag: Tag?) {
        let range = reply.request.range
        endpoint = party.name
        unit = reply.request.unit
        register = "\(range)"
        count = range.count
        sent = UTCTime.text(reply.sent / 1_000_000)
        if reply.hasCome {
            replied = UTCTime.text((reply.sent + reply.took) / 1_000_000)
            round_trip_ms = (Double(reply.took) / 1000).rounded() / 1000
        }
        error = reply.error?.description
        items = reply.items.enumerated().map { index, value in
            Item(
                register: ReadReport.place(range.table, Int(range.start) + index),
                hex: range.table.isBits ? nil : ReadReport.hex(value), value: value)
        }
        let wire = range.table.isBits ? [] : reply.bytes ?? []
        meanings = Meaning.all(of: wire, at: range, expecting: expecting)
        readings = meanings.map {
            Reading(
                register: ReadReport.place($0.place.table, Int($0.place.start)), type: "\($0.type)",
                order: ReadReport.order($0), text: $0.text, likelihood: $0.likelihood.rawValue)
        }
        characters = [:]
        for packing in TextPacking.allCases where !wire.isEmpty {
            characters[packing.rawValue] = Meaning.text(of: wire, packing)
        }
        self.tag = tag.flatMap { tag in
            tag.registers.flatMap { reply.bytes(of: $0) }.map { bytes in
                let value = tag.decoded(bytes)
                return TagReading(tag: tag.name, quality: value.quality.name, steps: value.steps)
            }
        }
    }

    private static func place(_ table: RegisterTable, _ address: Int) -> String {
        RegisterRange(table: table, start: address, count: 1).map { "\($0)" } ?? "\(table.rawValue):\(address)"
    }

    private static func hex(_ value: UInt16) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return "0x" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    private static func order(_ meaning: Meaning) -> String? {
        switch meaning.type.registers {
        case 1: nil
        case 2: meaning.order.rawValue
        default: meaning.order.longName
        }
    }
}

extension ReadReport {
    var text: String {
        var text = "\(register), \(count) of them, unit \(unit), \(endpoint)\n"
        if let replied, let round_trip_ms {
            text += "sent \(sent), reply \(replied), round trip \(Tag.shown(round_trip_ms)) ms\n"
        } else {
            text += "sent \(sent), \(error ?? "no reply")\n"
        }
        guard error == nil else { return text }
        text += "\n" + (meanings.isEmpty ? bitsText : wordsText)
        for types in [Meaning.doubleWords, Meaning.quadWords] {
            let table = sideBySide(types)
            if !table.rows.isEmpty { text += "\n" + table.text() }
        }
        if !characters.isEmpty {
            text += "\nas text: "
            text += TextPacking.allCases.map { "\($0.rawValue) |\(characters[$0.rawValue] ?? "")|" }
                .joined(separator: "  ")
            text += "\n"
        }
        if let tag {
            text += "\n\(tag.tag): \(tag.quality)\n" + tag.steps.map { "  \($0)\n" }.joined()
        }
        return text + legend
    }

    private var legend: String {
        var lines: [String] = []
        if meanings.contains(where: { $0.likelihood == .fits }) { lines.append("* within the expected range") }
        if meanings.contains(where: { $0.likelihood == .sane }) {
            lines.append("~ a size that measurements have; give --range LOW:HIGH to mark what is meant")
        }
        return lines.isEmpty ? "" : "\n" + lines.joined(separator: "\n") + "\n"
    }

    private func marked(_ meaning: Meaning) -> String {
        switch meaning.likelihood {
        case .unknown: "\(meaning.text) "
        case .sane: "\(meaning.text)~"
        case .fits: "\(meaning.text)*"
        }
    }

    private var bitsText: String {
        var table = Table(headers: ["BIT", "VALUE"])
        table.rows = items.map { [$0.register, "\($0.value)"] }
        return table.text()
    }

    private var wordsText: String {
        let types = Meaning.words
        var table = Table(
            headers: ["REGISTER", "HEX"] + types.map { "\($0)".uppercased() + " " },
            rightAligned: Set(2..<2 + types.count))
        let words = meanings.filter { $0.type.registers == 1 }
        table.rows = items.enumerated().map { index, item in
            [item.register, item.hex ?? ""] + words.dropFirst(index * types.count).prefix(types.count).map(marked)
        }
        return table.text()
    }

    /// A row for each place and order, a column for each type.
    private func sideBySide(_ types: [ValueType]) -> Table {
        var table = Table(
            headers: ["FROM", "ORDER"] + types.map { "\($0)".uppercased() + " " },
            rightAligned: Set(2..<2 + types.count))
        let all = meanings.filter { types.contains($0.type) }
        let places = all.map(\.place).reduce(into: [RegisterRange]()) { if $0.last != $1 { $0.append($1) } }
        for place in places {
            let here = all.filter { $0.place == place }
            for meaning in here where meaning.type == types[0] {
                let row = here.filter { $0.order == meaning.order }.map(marked)
                table.rows.append(["\(place)", ReadReport.order(meaning) ?? ""] + row)
            }
        }
        return table
    }
}
