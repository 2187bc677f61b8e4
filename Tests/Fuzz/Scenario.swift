import Modbus
import Plant

/// Requests that are on their way, and what a peer sends then: replies, and what can become of them.
struct Scenario {
    struct Asked {
        let request: ReadRequest
        let transaction: UInt16
    }

    private(set) var asked: [Asked] = []
    private(set) var stream: [UInt8] = []
    /// Nothing was changed: each request is answered once, in some order.
    private(set) var isFaithful = true

    init(_ choices: inout Choices) {
        stream.reserveCapacity(4096)
        let firstTransaction = choices.below(65_536)
        for index in 0..<(1 + choices.below(choices.chance(in: 4) ? 16 : 3)) {
            let table = RegisterTable.allCases[choices.below(4)]
            let limit = choices.chance(in: 4) ? table.protocolLimit : 8
            let range = RegisterRange(table: table, start: choices.below(60_000), count: 1 + choices.below(limit))
            guard let range, let request = ReadRequest(unit: choices.byte(), range: range) else { continue }
            asked.append(
                Asked(request: request, transaction: UInt16(truncatingIfNeeded: firstTransaction + index)))
        }
        isFaithful = choices.chance(in: 4)
        if isFaithful {
            // Turned round from a random place on: an order that is not that of the requests.
            let turn = choices.below(asked.count)
            for index in asked.indices { append(reply(to: asked[(index + turn) % asked.count], &choices)) }
        } else {
            for _ in 0..<(1 + choices.below(6)) {
                append(misdeed(reply(to: asked[choices.below(asked.count)], &choices), &choices))
            }
        }
    }

    private mutating func append(_ bytes: [UInt8]) { stream += bytes }

    /// A proper reply, now and then a proper refusal.
    private func reply(to asked: Asked, _ choices: inout Choices) -> [UInt8] {
        let function = asked.request.range.table.function
        let refused = choices.chance(in: 8)
        let length = refused ? 3 : 3 + asked.request.payloadBytes
        var bytes: [UInt8] = [
            UInt8(asked.transaction >> 8), UInt8(asked.transaction & 0xFF), 0, 0, 0, UInt8(length), asked.request.unit,
        ]
        if refused {
            bytes += [function | 0x80, UInt8(1 + choices.below(255))]
        } else {
            bytes += [function, UInt8(asked.request.payloadBytes)]
            let seed = choices.byte()
            for index in 0..<asked.request.payloadBytes { bytes.append(seed &+ UInt8(truncatingIfNeeded: index &* 7)) }
        }
        return bytes
    }

    private func misdeed(_ reply: [UInt8], _ choices: inout Choices) -> [UInt8] {
        var bytes = reply
        switch choices.below(11) {
        case 0, 1: break
        case 2: for _ in 0...choices.below(3) { bytes[choices.below(min(12, bytes.count))] = choices.byte() }
        case 3: bytes[choices.below(bytes.count)] ^= 1 << UInt8(choices.below(8))
        case 4: bytes.removeLast(1 + choices.below(bytes.count))
        case 5: bytes.removeFirst(1 + choices.below(bytes.count))
        case 6: bytes.insert(choices.byte(), at: choices.below(bytes.count + 1))
        case 7: bytes += bytes
        // Both lengths say another number, alike.
        case 8:
            let count = choices.byte()
            let length = 3 + Int(count)
            bytes[4...5] = [UInt8(length >> 8), UInt8(length & 0xFF)]
            bytes[8] = count
        case 9: bytes[4...] = [0, 3, bytes[6], bytes[7] | 0x80, 0]
        default: bytes = (0..<(1 + choices.below(40))).map { _ in choices.byte() }
        }
        return bytes
    }
}
