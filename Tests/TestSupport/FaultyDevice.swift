public import Plant

/// A device whose every value tells which one it is and when it was held, and that misbehaves by a schedule.
///
/// The registers at each even address hold 32 bits: the unit, the address, and how often the values had changed. So
/// whoever got a value can be shown to have got the right one, at the right time.
public final class FaultyDevice: Sendable {
    /// What every value is while the device has none.
    public static let sentinel: UInt32 = 0xFFFF_FFFF
    /// Registers that it answers at once in an episode of a block limit.
    public static let blockLimit = 7
    /// Registers that it refuses in an episode of an illegal range.
    public static let illegal = 4..<6
    /// Milliseconds between two bytes that drip, and before the first reply on a slow connection.
    public static let drip: CInt = 30
    public static let slowness: CInt = 25

    public let server: ScriptedServer
    public let schedule: FaultSchedule

    public init(_ schedule: FaultSchedule, clock: any PlantClock) throws {
        let server = try ScriptedServer(clock: clock)
        self.server = server
        self.schedule = schedule
        server.remember(history: { request, address in
            let value =
                schedule.fault(at: request.number) == .sentinel
                ? FaultyDevice.sentinel
                : FaultyDevice.value(request.unit, address & ~1, age: schedule.age(at: request.number))
            return UInt16(truncatingIfNeeded: address & 1 == 0 ? value >> 16 : value)
        })
        server.follow { [unowned server] request in
            guard let fault = schedule.fault(at: request.number) else { return .proper }
            return FaultyDevice.answer(to: request, fault, server)
        }
    }

    /// The value at an even address below 256, of units below 16.
    public static func value(_ unit: UInt8, _ address: Int, age: Int) -> UInt32 {
        UInt32(unit & 15) << 28 | UInt32(address & 255) << 20 | UInt32(age & 0xFFFFF)
    }

    /// How often the values had changed when this one was held; `nil` when it is none of this unit and address.
    public static func age(of value: UInt32, _ unit: UInt8, _ address: Int) -> Int? {
        let age = Int(value & 0xFFFFF)
        return FaultyDevice.value(unit, address, age: age) == value ? age : nil
    }

    private static func answer(
        to request: ScriptedServer.Request, _ fault: FaultSchedule.Fault, _ server: ScriptedServer
    ) -> ScriptedServer.Answer {
        switch fault {
        case .late: .held(server.hasReceived(request.number + 2))
        // What the next request will be taken to be answered by, unless somebody looks before it leaves.
        case .early: .changed { $0 + other($0, 1, $0[1] &+ 1) }
        // An answer to the request before, with other values.
        case .stray: .changed { other($0, 1, $0[1] &- 1) + $0 }
        case .twice: .changed { $0 + $0 }
        case .anotherUnit: .changed { other($0, 6, $0[6] + 1) }
        case .anotherTransaction: .changed { other($0, 1, $0[1] ^ 0x40) }
        case .anotherFunction: .changed { other($0, 7, $0[7] ^ 7) }
        case .anotherLength: .changed { $0[0..<5] + [$0[5] &+ 2] + $0[6...] }
        case .notModbus: .bytes(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
        case .trailing: .changed { $0 + [0, 0] }
        case .short: .changed { $0[0..<4] + [0, 5] + $0[6..<8] + [2] + $0[9..<11] }
        case .half: .changed { Array($0.prefix(10)) }
        case .dripped: .drip(milliseconds: drip)
        case .split: .split(after: 1 + request.number % 8)
        case .silent: .silence
        case .halfOpen: .halfOpen
        case .reset: .reset
        case .cut: .cut(after: 11)
        case .hangsUp: .close
        case .busy: .exception(6)
        case .noPath: .exception(11)
        case .reboot: .reboot(connections: 1 + request.number % 3)
        case .slowAfterConnect: request.place == 0 ? .delayed(milliseconds: slowness) : .proper
        case .blockLimit: request.count > blockLimit ? .exception(3) : .proper
        case .illegalRange:
            illegal.overlaps(request.start..<request.start + request.count) ? .exception(2) : .proper
        case .frozen, .sentinel: .proper
        }
    }

    /// Somebody else's reply: another byte in its head, and other values.
    private static func other(_ reply: [UInt8], _ place: Int, _ byte: UInt8) -> [UInt8] {
        var other = reply[0..<9] + reply[9...].map { ~$0 }
        other[place] = byte
        return Array(other)
    }
}
