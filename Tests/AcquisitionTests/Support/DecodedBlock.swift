import Modbus
import Plant

import struct Plant.Tag

@testable import Acquisition

extension Tag {
    /// A tag at wire address `start` of a table; its id and slot are given when it joins a `DecodedBlock`.
    static func at(
        _ start: Int, _ type: ValueType, in table: RegisterTable = .holding, bits: ClosedRange<Int>? = nil,
        order: WordOrder = .abcd, packing: TextPacking = .highLow, scale: Double = 1, offset: Double = 0,
        unit: String? = nil, range: ClosedRange<Double>? = nil, invalid: [Double] = [], states: [Int: String] = [:],
        expect: Double? = nil, rules: TagRules = TagRules(), id: Int = 0
    ) -> Tag {
        Tag(
            id: id, name: "C-01.t\(id)", localName: "t\(id)", unit: unit, controller: 0,
            registers: SamplePlant.range(table, start, table.isBits ? 1 : type.registers), bits: bits, type: type,
            order: order, packing: packing, scale: scale, offset: offset, range: range, invalid: invalid,
            states: states, expect: expect, rules: rules, group: 0, slot: id)
    }

    /// The same tag with another number.
    fileprivate func numbered(_ id: Int) -> Tag {
        Tag(
            id: id, name: "C-01.t\(id)", localName: "t\(id)", unit: unit, controller: 0, registers: registers,
            bits: bits, type: type, order: order, packing: packing, scale: scale, offset: offset, range: range,
            invalid: invalid, states: states, expect: expect, rules: rules, group: 0, slot: id)
    }
}

/// One block of a controller, read again and again, and everything that a line keeps for it.
struct DecodedBlock {
    static let second: Int64 = 1_000_000_000

    let decoder: Decoder
    var trust: Trust
    var board: StatusBoard
    var memory: BlockMemory

    /// - Parameters:
    ///   - tags: of one table, all in one request; their numbers become their places here.
    ///   - of: all tags of the controller, when they are more.
    init(_ tags: [Tag], heartbeat: Tag.ID? = nil, unchangedAfter: Duration? = nil) {
        self.init(Array(tags.indices), of: tags, heartbeat: heartbeat, unchangedAfter: unchangedAfter)
    }

    init(_ ids: [Tag.ID], of all: [Tag], heartbeat: Tag.ID? = nil, unchangedAfter: Duration? = nil) {
        let tags = all.enumerated().map { $1.numbered($0) }
        let places = ids.compactMap { tags[$0].registers }
        let start = places.map { Int($0.start) }.min() ?? 0
        let range = SamplePlant.range(
            places.first?.table ?? .holding, start, (places.map(\.end).max() ?? 1) - start)
        guard let request = ReadRequest(unit: 1, range: range) else {
            preconditionFailure("a test asks for more than a request can carry")
        }
        let controller = Controller(
            id: 0, name: "C-01", endpoint: Endpoint(host: "127.0.0.1", port: 502), unit: 1, heartbeat: heartbeat,
            unchangedAfter: unchangedAfter)
        let expectations = tags.filter { $0.expect != nil }.map(\.id)
        let statuses = StatusBoard.tags(of: tags.indices, in: tags)
        decoder = Decoder(
            PlannedRequest(request: request, tags: ids, used: range.count), controller: controller,
            expectations: expectations, statuses: statuses, tags: tags)
        trust = Trust(expectations: expectations.count, heartbeatTimeout: controller.heartbeatTimeout)
        board = StatusBoard(count: statuses.count)
        memory = decoder.memory()
    }

    /// A reply, looked at as a line does.
    ///
    /// - Parameter doubt: instead of the controller's own.
    mutating func read(
        _ payload: [UInt8], refused: [Quality] = [], doubt: Quality? = nil, at seconds: Int = 0
    ) -> SeenReadings {
        let now = Int64(seconds) * DecodedBlock.second
        var cells = [Cell](repeating: Cell(low: .max, high: .max), count: decoder.cells)
        let count = payload.withUnsafeBufferPointer { payload in
            decoder.observe(payload, refused: refused, &trust, &board, at: now)
            return cells.withUnsafeMutableBufferPointer {
                decoder.decode(
                    payload, refused: refused, doubt: doubt ?? trust.doubt, statuses: board, memory: &memory, at: now,
                    into: $0)
            }
        }
        return SeenReadings(Array(cells[..<count]))
    }

    /// The same for registers.
    mutating func read(
        words: [UInt16], refused: [Quality] = [], doubt: Quality? = nil, at seconds: Int = 0
    ) -> SeenReadings {
        read(words.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }, refused: refused, doubt: doubt, at: seconds)
    }
}

/// The readings of a block, and the texts behind them.
struct SeenReadings {
    var readings: [RawReading] = []
    var texts: [Int: String] = [:]
    /// The bytes behind the end of a text in its last cell.
    var rests: [Int: [UInt8]] = [:]

    init(_ cells: [Cell]) {
        var at = 0
        while at < cells.count {
            let reading = RawReading(cells[at])
            let end = at + 1 + Int(reading.continuation)
            let bytes = cells[(at + 1)..<end].flatMap { cell in withUnsafeBytes(of: cell) { Array($0) } }
            if end > at + 1 {
                texts[Int(reading.slot)] = String(decoding: bytes.prefix(Int(reading.bits)), as: UTF8.self)
                rests[Int(reading.slot)] = Array(bytes.dropFirst(Int(reading.bits)))
            }
            readings.append(reading)
            at = end
        }
    }

    var qualities: [Quality] { readings.map(\.quality) }
    var bits: [UInt64] { readings.map(\.bits) }
}
