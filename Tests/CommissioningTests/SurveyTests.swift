import Modbus
import Plant
import TestSupport
import Testing

@testable import Commissioning

@Suite struct SurveyTests {
    private func survey(
        _ device: Device, _ addresses: ClosedRange<Int>, step: Int = 1, table: RegisterTable = .holding
    ) throws -> (survey: Survey, requests: [ScriptedServer.Request]) {
        let server = try ScriptedServer(
            memory: { _, function, address in function < 3 ? UInt16(address % 2) : UInt16(truncatingIfNeeded: address)
            },
            script: device.answer)
        defer { server.stop() }
        let plan = try #require(Survey.Plan(unit: 1, table: table, addresses: addresses, step: step))
        var inquiry = Rig.inquiry(server.endpoint)
        let survey = Survey(plan, through: &inquiry)
        #expect(server.wasOnlyRead)
        return (survey, server.requests)
    }

    /// The runs of some addresses.
    private func runs(_ addresses: some Sequence<Int>) -> [Range<Int>] {
        addresses.sorted().reduce(into: [Range<Int>]()) { runs, address in
            if let last = runs.last, last.upperBound == address {
                runs[runs.count - 1] = last.lowerBound..<address + 1
            } else {
                runs.append(address..<address + 1)
            }
        }
    }

    @Test func aMapWithoutHolesTakesAsManyRequestsAsBlocks() throws {
        let (found, requests) = try survey(Device(addresses: Set(0..<1000)), 0...999)
        #expect(found.ending == .complete)
        #expect(found.areas.map(\.range) == [Rig.range(.holding, 0, 1000)])
        #expect(found.areas.first?.values == (0..<1000).map { UInt16($0) })
        #expect(requests.count == 8)
        #expect(found.largestBlock == 125)
        #expect(found.refusedBlock == nil)
    }

    @Test func illegalHolesAreFoundToTheRegister() throws {
        let addresses = Set(0..<60).union(64..<200).union([230]).subtracting([17])
        let (found, requests) = try survey(Device(addresses: addresses), 0...299)
        #expect(found.areas.map { Int($0.range.start)..<$0.range.end } == runs(addresses))
        #expect(found.refusals == [.exception(2): 300 - addresses.count])
        #expect(found.unasked == 0)
        #expect(requests.count < 300)
        // Nothing was refused for its size.
        #expect(found.refusedBlock == nil)
    }

    @Test(arguments: [ScriptedServer.Answer.exception(3), .silence])
    func aBlockLimitIsLearned(beyond: ScriptedServer.Answer) throws {
        let device = Device(addresses: Set(0..<400), limit: 32, beyondLimit: beyond)
        let (found, _) = try survey(device, 0...399)
        #expect(found.areas.map(\.range) == [Rig.range(.holding, 0, 400)])
        #expect(found.largestBlock == 32)
        #expect(found.refusedBlock?.count == 33)
    }

    @Test func bitsAreSurveyedToo() throws {
        let (found, _) = try survey(Device(addresses: Set(5..<100)), 0...127, table: .coil)
        #expect(found.areas.map(\.range) == [Rig.range(.coil, 5, 95)])
        #expect(found.areas.first?.values.prefix(3) == [1, 0, 1])
    }

    /// Whatever the map and the limit are: with step 1 every readable register is found, no other, and what it held.
    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func everyReadableRegisterIsFound(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var addresses = Set<Int>()
        var at = Int.random(in: 0..<20, using: &random)
        while at < 400 {
            let length = Int.random(in: 1...90, using: &random)
            addresses.formUnion(at..<min(400, at + length))
            at += length + Int.random(in: 1...60, using: &random)
        }
        let limit = Bool.random(using: &random) ? Int.random(in: 1...125, using: &random) : 2000
        let (found, requests) = try survey(Device(addresses: addresses, limit: limit), 0...399)
        #expect(found.areas.map { Int($0.range.start)..<$0.range.end } == runs(addresses), "seed \(seed)")
        for area in found.areas {
            #expect(area.values == (Int(area.range.start)..<area.range.end).map { UInt16($0) }, "seed \(seed)")
        }
        #expect(found.largestBlock <= limit)
        #expect(found.plan.budget.contains(requests.count), "seed \(seed)")
    }

    @Test func inAVoidOnlyEveryStepIsAskedAndAreasAreFoundFromTheirFirstRegisterOn() throws {
        let addresses = Set(0..<10).union(500..<540)
        let (found, requests) = try survey(Device(addresses: addresses), 0...999, step: 8)
        #expect(found.areas.map { Int($0.range.start)..<$0.range.end } == runs(addresses))
        #expect(found.unasked > 700)
        #expect(requests.count < 200)
    }

    @Test func aFunctionThatIsNotThereEndsTheSurvey() throws {
        let (found, requests) = try survey(Device(addresses: [], beyondMap: .exception(1)), 0...999)
        #expect(found.ending == .lost(.exception(1)))
        #expect(requests.count == 1)
    }

    @Test func aUnitThatNeverAnswersIsGivenUp() throws {
        let (found, requests) = try survey(Device(addresses: [], beyondMap: .silence), 0...999)
        #expect(found.ending == .lost(.timeout))
        #expect(requests.count == Survey.silences * Inquiry.patience)
    }

    @Test func registersThatAreMetWithSilenceAreHolesWhileOthersAnswer() throws {
        let addresses = Set(0..<20).union(22..<30)
        let (found, _) = try survey(Device(addresses: addresses, beyondMap: .silence), 0...29)
        #expect(found.ending == .complete)
        #expect(found.areas.map { Int($0.range.start)..<$0.range.end } == runs(addresses))
        #expect(found.refusals == [.timeout: 2])
    }

    @Test func whatWasFoundBeforeTheUnitFellSilentIsKept() throws {
        let server = try ScriptedServer(script: { $0.number < 2 ? .proper : .silence })
        defer { server.stop() }
        let plan = try #require(Survey.Plan(unit: 1, table: .holding, addresses: 0...999))
        var inquiry = Rig.inquiry(server.endpoint)
        let found = Survey(plan, through: &inquiry)
        #expect(found.ending == .lost(.timeout))
        #expect(found.areas.map(\.range) == [Rig.range(.holding, 0, 250)])
    }

    @Test func addressesBeyondTheTableAndStepsThatMissAreRefused() {
        #expect(Survey.Plan(unit: 1, table: .holding, addresses: 0...65_536) == nil)
        #expect(Survey.Plan(unit: 1, table: .holding, addresses: -1...5) == nil)
        #expect(Survey.Plan(unit: 1, table: .holding, addresses: 0...5, step: 0) == nil)
        #expect(Survey.Plan(unit: 1, table: .holding, addresses: 0...5, step: 17) == nil)
        #expect(Survey.Plan(unit: 1, table: .holding, addresses: 65_535...65_535) != nil)
    }
}
