import Foundation
import Modbus
import Plant
import TestSupport
import Testing

@testable import Commissioning

/// A scripted server and what a test asks of it.
enum Rig {
    /// Long enough for a reply on loopback, short enough for the silences of a test.
    static let timeout: Duration = .milliseconds(150)

    /// An inquiry without the pauses that spare a real device.
    static func inquiry(_ endpoint: Endpoint, _ interrupter: Interrupter = Interrupter()) -> Inquiry {
        var inquiry = Inquiry(endpoints: [endpoint], timeout: timeout, interrupter: interrupter)
        inquiry.shortestPause = .zero
        inquiry.pacing = Pacing()
        inquiry.wait = .milliseconds(1)
        return inquiry
    }

    static func range(_ table: RegisterTable, _ start: Int, _ count: Int) -> RegisterRange {
        guard let range = RegisterRange(table: table, start: start, count: count) else {
            preconditionFailure("a test's own range")
        }
        return range
    }

    static func request(_ unit: UInt8, _ table: RegisterTable, _ start: Int, _ count: Int) -> ReadRequest {
        guard let request = ReadRequest(unit: unit, range: range(table, start, count)) else {
            preconditionFailure("a test's own request")
        }
        return request
    }
}

/// A device as it answers: which addresses it has, and how many at once.
struct Device: Sendable {
    var addresses: Set<Int>
    var limit = 2000
    /// What it does with a block that is too large, and with an address that it does not have.
    var beyondLimit = ScriptedServer.Answer.exception(3)
    var beyondMap = ScriptedServer.Answer.exception(2)

    func answer(_ request: ScriptedServer.Request) -> ScriptedServer.Answer {
        if request.count > limit { return beyondLimit }
        return addresses.isSuperset(of: request.start..<request.start + request.count) ? .proper : beyondMap
    }
}

extension ScriptedServer {
    /// Only function codes that read have come.
    var wasOnlyRead: Bool { requests.allSatisfy { (1...4).contains($0.function) } }
}
