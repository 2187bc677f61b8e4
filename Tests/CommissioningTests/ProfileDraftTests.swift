import Plant
import TestSupport
import Testing

@testable import Commissioning

@Suite struct ProfileDraftTests {
    /// 1487.25 is 0x44B9E800, 20.5 is 0x41A40000, -3.75 is 0xC0700000 (IEEE 754 binary32).
    private static let floats: [(high: UInt16, low: UInt16)] = [(0x44B9, 0xE800), (0x41A4, 0), (0xC070, 0)]

    private func area(_ start: Int, _ values: [UInt16]) -> Survey.Area {
        Survey.Area(range: Rig.range(.holding, start, values.count), values: values)
    }

    @Test(arguments: WordOrder.short)
    func floatsAreGuessedInTheOrderTheyCameIn(order: WordOrder) {
        let words = Self.floats.flatMap { pair -> [UInt16] in
            let words = order.swapsWords ? [pair.low, pair.high] : [pair.high, pair.low]
            return order.swapsBytes ? words.map(\.byteSwapped) : words
        }
        let guesses = FloatGuess.all(in: [area(100, words)])
        #expect(guesses.map(\.value) == [1487.25, 20.5, -3.75])
        #expect(guesses.map(\.order) == [order, order, order])
        #expect(guesses.map { Int($0.place.start) } == [100, 102, 104])
    }

    @Test func smallIntegersAreNoFloats() {
        #expect(FloatGuess.all(in: [area(0, (0..<40).map { UInt16($0 * 7) })]).isEmpty)
    }

    @Test func pairsThatDoNotFollowEachOtherProveNothing() {
        #expect(FloatGuess.all(in: [area(0, [0x44B9, 0xE800, 0x41A4, 0, 1, 2, 0xC070, 0])]).isEmpty)
    }

    @Test func aZeroAmongFloatsDoesNotPartThem() {
        let guesses = FloatGuess.all(in: [area(0, [0x44B9, 0xE800, 0x41A4, 0, 0, 0, 0xC070, 0])])
        #expect(guesses.map { Int($0.place.start) } == [0, 2, 6])
    }

    @Test func aDraftNamesEveryRegisterAndSuggestsFloats() throws {
        let words: [UInt16] = Self.floats.flatMap { pair -> [UInt16] in [pair.high, pair.low] } + [7]
        let server = try ScriptedServer(
            memory: { _, _, address in words.indices.contains(address - 10) ? words[address - 10] : 0 },
            script: Device(addresses: Set(10..<17), limit: 4).answer)
        defer { server.stop() }
        let plan = try #require(Survey.Plan(unit: 1, table: .holding, addresses: 0...20, step: 1))
        var inquiry = Rig.inquiry(server.endpoint)
        let draft = try #require(Survey(plan, through: &inquiry).profileDraft(of: "plc:502"))
        let lines = draft.split(separator: "\n").map(String.init)
        #expect(lines.first == "# A draft, made by reading plc:502, unit 1, holding 0 to 20, with function code 3.")
        #expect(lines.contains("max_registers: 4"))
        #expect(lines.contains("  - {name: r0010, register: \"holding:10\", type: uint16}  # 0x44B9 17593"))
        #expect(lines.contains("  - {name: r0016, register: \"holding:16\", type: uint16}  # 0x0007 7"))
        #expect(
            lines.contains(
                "  # perhaps {name: r0010, register: \"holding:10\", type: float32, order: abcd}, then 1487.25"))
        #expect(lines.filter { $0.hasPrefix("  - ") }.count == 7)
    }

    @Test func nothingReadableMakesNoDraft() throws {
        let server = try ScriptedServer(script: { _ in .exception(2) })
        defer { server.stop() }
        let plan = try #require(Survey.Plan(unit: 1, table: .holding, addresses: 0...20))
        var inquiry = Rig.inquiry(server.endpoint)
        #expect(Survey(plan, through: &inquiry).profileDraft(of: "plc:502") == nil)
    }
}
