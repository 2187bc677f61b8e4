import Foundation
import Modbus
import Plant
import TestSupport
import Testing

@testable import Commissioning

@Suite struct ProbeTests {
    private func probe(_ server: ScriptedServer, _ plan: Probe.Plan) -> Probe {
        var inquiry = Rig.inquiry(server.endpoint)
        return Probe(plan, through: &inquiry)
    }

    /// A gateway with units 1 and 5, which says exception 11 of all others.
    @Test func unitsBehindAGatewayAreToldFromThoseThatItMisses() throws {
        let device = Device(addresses: Set(0..<300), limit: 32)
        let server = try ScriptedServer(script: { request in
            guard request.unit == 1 || request.unit == 5 else { return .exception(11) }
            // Unit 5 has holding registers only.
            return request.unit == 5 && request.function != 3 ? .exception(1) : device.answer(request)
        })
        defer { server.stop() }
        let found = probe(server, Probe.Plan(units: Array(1...20)))
        #expect(found.ending == .complete)
        #expect(!found.isSilent && !found.isIndifferent)
        #expect(found.answering.map(\.unit) == [1, 5])
        #expect(found.units.filter { $0.presence == .absent(code: 11) }.count == 18)
        let one = try #require(found.answering.first)
        #expect(one.functions.map(\.table) == [.coil, .discrete, .holding, .input])
        for function in one.functions {
            #expect(function.block?.range.count == 32)
            #expect(function.block?.verdict == .limit(by: .exception(3)))
        }
        let five = try #require(found.answering.last)
        #expect(five.functions.filter(\.isKnown).map(\.table) == [.holding])
        #expect(five.functions.first?.refusal == .exception(1))
        #expect(one.roundTrips.count > 4)
        #expect(server.connections == 1)
        #expect(server.wasOnlyRead)
    }

    @Test func aSilentEndpointIsGivenUpAfterTheFirstUnits() throws {
        let server = try ScriptedServer(script: { _ in .silence })
        defer { server.stop() }
        let found = probe(server, Probe.Plan(units: Array(1...247), silentUnits: 3))
        #expect(found.isSilent && found.lastAnomaly == nil)
        #expect(found.units.map(\.presence) == Array(repeating: .failed(.timeout), count: 3))
        #expect(server.requests.count == 3)
    }

    @Test(
        arguments: [
            (.bytes(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)), .badReply(.protocolID)),
            (.changed { $0[..<6] + [99] + $0[7...] }, .badReply(.unit)), (.close, .disconnected(0)),
        ] as [(ScriptedServer.Answer, ModbusError)])
    func whatCameInsteadOfAnAnswerIsTold(answer: ScriptedServer.Answer, error: ModbusError) throws {
        // Silence behind it does not make it unsaid.
        let server = try ScriptedServer(script: { $0.unit == 3 ? .silence : answer })
        defer { server.stop() }
        let found = probe(server, Probe.Plan(units: [1, 2, 3]))
        #expect(found.isSilent)
        #expect(found.lastAnomaly == error)
    }

    @Test func aUnitBeyondTheSilentOnesIsFoundWhenAllAreAsked() throws {
        let server = try ScriptedServer(script: { $0.unit == 4 ? .proper : .silence })
        defer { server.stop() }
        let found = probe(server, Probe.Plan(units: [1, 2, 3, 4], silentUnits: 0))
        #expect(!found.isSilent)
        #expect(found.answering.map(\.unit) == [4])
    }

    @Test func silenceBehindAGatewayThatHasSpokenIsNoReasonToStop() throws {
        let server = try ScriptedServer(script: { $0.unit == 1 ? .exception(11) : $0.unit == 6 ? .proper : .silence })
        defer { server.stop() }
        let found = probe(server, Probe.Plan(units: Array(1...6), silentUnits: 2))
        #expect(found.answering.map(\.unit) == [6])
    }

    @Test func aDeviceThatDoesNotLookAtTheUnitIsLookedAtOnce() throws {
        let server = try ScriptedServer()
        defer { server.stop() }
        let found = probe(server, Probe.Plan(units: Array(1...10)))
        #expect(found.isIndifferent)
        #expect(found.answering.count == 10)
        #expect(found.units.filter { !$0.functions.isEmpty }.map(\.unit) == [1])
    }

    @Test func aMapThatBeginsElsewhereIsFoundAtACommonPlace() throws {
        // Omron's E5CC: process value at 0x2000 (H175, section 3-2).
        let device = Device(addresses: Set(0x2000..<0x2010))
        let server = try ScriptedServer(script: { $0.function == 3 ? device.answer($0) : .exception(1) })
        defer { server.stop() }
        let found = probe(server, Probe.Plan(units: [1]))
        let holding = found.units.first?.functions.first { $0.table == .holding }
        #expect(holding?.place == Rig.range(.holding, 0x2000, 1))
        #expect(holding?.block == BlockLimit(range: Rig.range(.holding, 0x2000, 16), verdict: .edge(by: .exception(2))))
    }

    @Test func aFunctionWithoutAnyReadablePlaceIsStillThere() throws {
        let server = try ScriptedServer(script: { $0.function == 4 ? .exception(1) : .exception(2) })
        defer { server.stop() }
        let found = probe(server, Probe.Plan(units: [9]))
        let functions = try #require(found.units.first).functions
        #expect(functions.map(\.isKnown) == [true, true, true, false])
        #expect(functions.allSatisfy { $0.place == nil })
    }

    @Test func whatWasFoundBeforeAnInterruptionIsKept() throws {
        let server = try ScriptedServer(script: { $0.unit < 3 ? .exception(11) : .silence })
        defer { server.stop() }
        let interrupter = Interrupter()
        let third = server.hasReceived(3)
        Thread.detachNewThread {
            _ = third.wait()
            interrupter.interrupt()
        }
        var inquiry = Rig.inquiry(server.endpoint, interrupter)
        inquiry.timeout = .seconds(30)
        let found = Probe(Probe.Plan(units: Array(1...10)), through: &inquiry)
        #expect(found.ending == .stopped)
        #expect(found.units.map(\.unit) == [1, 2])
    }

    @Test func anEndpointThatIsClosedIsLost() throws {
        let port = try ClosedPort()
        var inquiry = Rig.inquiry(port.endpoint)
        #expect(Probe(Probe.Plan(units: [1]), through: &inquiry).ending == .lost(.refused))
    }
}
