import Plant

/// Builds small plants for these tests. Groups are made from the tags' scan names, slots in the order of addresses.
struct SamplePlant {
    struct Row {
        var name: String
        var registers: RegisterRange
        var type: ValueType = .uint16
        var bit: Int?
        var order: WordOrder = .abcd
        var scale: Double = 1
        var offset: Double = 0
        var range: ClosedRange<Double>?
        var invalid: [Double] = []
        var expect: Double?
        var scan = "normal"
        var bits: ClosedRange<Int>?
        /// Rows with the same number are read in one request.
        var together: Int?
        /// Makes it a computed tag; `registers` then only says where in its group it comes.
        var formula: Formula?
    }

    struct Member {
        var name = "C-01"
        var endpoint = Endpoint(host: "127.0.0.1", port: 502)
        var unit: UInt8 = 1
        var timeout: Duration = .seconds(10)
        var maxRegisters = 125
        var maxGap = 0
        var heartbeat: String?
        var heartbeatTimeout: Duration = .seconds(5)
        /// Where else it can be reached.
        var others: [Endpoint] = []
        var pacing = Pacing()
        var rows: [Row]
    }

    static func plant(
        _ members: [Member], periods: [String: Duration] = ["fast": .milliseconds(500), "normal": .seconds(1)],
        diagnostics: Duration? = nil, alarms: ([Tag]) -> [AlarmDefinition] = { _ in [] }
    ) -> Plant {
        var controllers: [Controller] = []
        var groups: [ScanGroup] = []
        var tags: [Tag] = []
        for member in members {
            let id = controllers.count
            let first = tags.count
            for scan in Set(member.rows.map(\.scan)).sorted() {
                let rows = member.rows.filter { $0.scan == scan }.sorted { $0.place < $1.place }
                let group = groups.count
                for (slot, row) in rows.enumerated() {
                    tags.append(row.tag(tags.count, of: member.name, id, group: group, slot: slot))
                }
                groups.append(
                    ScanGroup(
                        id: group, controller: id, scan: scan, name: "\(member.name)/\(scan)",
                        period: periods[scan] ?? .seconds(10), tags: Array((tags.count - rows.count)..<tags.count)))
            }
            controllers.append(
                Controller(
                    id: id, name: member.name, endpoints: [member.endpoint] + member.others, unit: member.unit,
                    timeout: member.timeout, maxRegisters: member.maxRegisters, maxGap: member.maxGap,
                    pacing: member.pacing,
                    heartbeat: tags[first...].first { $0.localName == member.heartbeat }?.id,
                    heartbeatTimeout: member.heartbeatTimeout))
        }
        if let diagnostics { Diagnostics.add(of: controllers, every: diagnostics, groups: &groups, tags: &tags) }
        return Plant(
            name: "Sample", site: "S", timeZone: "UTC", controllers: controllers, groups: groups, tags: tags,
            alarms: alarms(tags))
    }

    static func range(_ table: RegisterTable, _ start: Int, _ count: Int = 1) -> RegisterRange {
        guard let range = RegisterRange(table: table, start: start, count: count) else {
            preconditionFailure("a test asks for an impossible range")
        }
        return range
    }

    /// Holding registers one after the other, each a `uint16`.
    static func words(_ addresses: Range<Int>, scan: String = "normal") -> [Row] {
        addresses.map { Row(name: "r\($0)", registers: range(.holding, $0), scan: scan) }
    }
}

extension SamplePlant.Row {
    fileprivate var place: (RegisterTable, UInt16, Int) { (registers.table, registers.start, bit ?? -1) }

    fileprivate func tag(
        _ id: Tag.ID, of controller: String, _ controllerID: Controller.ID, group: ScanGroup.ID, slot: Int
    ) -> Tag {
        Tag(
            id: id, name: "\(controller).\(name)", localName: name, controller: controllerID,
            registers: formula == nil ? registers : nil, bit: bit, bits: bits, type: type, order: order, scale: scale,
            offset: offset, range: range, invalid: invalid, expect: expect, together: together, formula: formula,
            group: group, slot: slot)
    }
}
