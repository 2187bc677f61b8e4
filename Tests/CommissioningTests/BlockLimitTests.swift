import Modbus
import Plant
import TestSupport
import Testing

@testable import Commissioning

@Suite struct BlockLimitTests {
    private func limit(_ device: Device, _ table: RegisterTable, from start: Int) throws -> BlockLimit {
        let server = try ScriptedServer(script: device.answer)
        defer { server.stop() }
        var inquiry = Rig.inquiry(server.endpoint)
        let limit = try inquiry.blockLimit(1, from: Rig.range(table, start, 1))
        #expect(server.wasOnlyRead)
        return limit
    }

    /// Eurotherm's 2200 gives 32 registers at once (HA026230), the MG15 125.
    @Test func aLimitThatIsToldByAnExceptionIsFound() throws {
        let found = try limit(Device(addresses: Set(0..<500), limit: 32), .holding, from: 0)
        #expect(found.range == Rig.range(.holding, 0, 32))
        #expect(found.verdict == .limit(by: .exception(3)))
    }

    @Test func aLimitThatShowsAsSilenceIsFound() throws {
        let found = try limit(Device(addresses: Set(0..<500), limit: 32, beyondLimit: .silence), .input, from: 7)
        #expect(found.range == Rig.range(.input, 7, 32))
        #expect(found.verdict == .limit(by: .timeout))
    }

    @Test func theEndOfTheMapIsNotTakenForALimit() throws {
        let found = try limit(Device(addresses: Set(10..<58)), .holding, from: 10)
        #expect(found.range == Rig.range(.holding, 10, 48))
        #expect(found.verdict == .edge(by: .exception(2)))
    }

    @Test(arguments: [(RegisterTable.holding, 0, 125), (.coil, 0, 2000), (.holding, 65_500, 36), (.input, 65_535, 1)])
    func whatTheProtocolOrTheTableEndsIsWhole(table: RegisterTable, start: Int, count: Int) throws {
        let found = try limit(Device(addresses: Set(0..<65_536)), table, from: start)
        #expect(found == BlockLimit(range: Rig.range(table, start, count), verdict: .whole))
    }

    @Test func aUnitThatGoesSilentAfterALargeBlockIsNotAskedFurther() throws {
        let server = try ScriptedServer(script: { _ in .silence })
        defer { server.stop() }
        var inquiry = Rig.inquiry(server.endpoint)
        var error: ModbusError?
        do throws(ModbusError) {
            _ = try inquiry.blockLimit(1, from: Rig.range(.holding, 0, 1))
        } catch let failure { error = failure }
        #expect(error == .timeout)
        #expect(server.requests.map(\.count) == [125, 125, 1, 1])
    }

    @Test(arguments: [RegisterTable.holding, .discrete])
    func everyLimitIsFoundExactly(table: RegisterTable) throws {
        var random = SeededRandom(seed: 11)
        for _ in 0..<12 {
            let expected = Int.random(in: 1..<table.protocolLimit, using: &random)
            let found = try limit(Device(addresses: Set(0..<4000), limit: expected), table, from: 0)
            #expect(found.range.count == expected)
            #expect(found.verdict == .limit(by: .exception(3)))
        }
    }
}
