import Plant
import Testing

@testable import Historian

@Suite("How a value is kept")
struct SlotFormTests {
    private func tag(
        _ type: ValueType, scale: Double = 1, offset: Double = 0, resolution: Double?
    ) throws -> Plant {
        try .test([
            [SlotSpec(name: "t", type: type, scale: scale, offset: offset, resolution: resolution)]
        ])
    }

    /// Value, resolution, and the whole steps that are written.
    static let values: [(Double, Double, String)] = [
        (73.44, 0.1, "734"), (73.46, 0.1, "735"), (-73.46, 0.1, "-735"), (0.25, 0.5, "1"),
        (1e15, 0.5, "2000000000000000"),
        (9_007_199_254_740_992, 1, "9007199254740992"), (9_007_199_254_740_994, 1, "bad"), (1e300, 1e-300, "bad"),
        (.nan, 0.1, "bad"), (-.infinity, 0.1, "bad"),
    ]

    @Test(arguments: values)
    func aFloatWithAResolutionIsWholeSteps(value: Double, resolution: Double, text: String) throws {
        let rig = try Rig(tag(.float64, resolution: resolution))
        rig.scan(0, [Sample(bits: value.bitPattern)])
        rig.loop.pass()
        let found = try #require(try RawReader(rig.path).readings["C1.t"]?.first)
        #expect(found.text == (text == "bad" ? "" : text))
        #expect(found.quality == (text == "bad" ? .notANumber : .good))
        let slot = try #require(try shell(rig.path, "SELECT type, scale, offset FROM slot").first)
        #expect(slot[0] == "int64" && Double(slot[1]) == resolution && slot[2] == "0.0")
        // The registers are what they were.
        #expect(try shell(rig.path, "SELECT type FROM tag") == [["float64"]])
    }

    @Test func scaleAndOffsetComeBeforeTheRounding() throws {
        let rig = try Rig(tag(.float32, scale: 0.5, offset: 10, resolution: 0.25))
        rig.scan(0, [.float(3)])
        rig.scan(0, [.bad(.timeout)])
        rig.loop.pass()
        #expect(try RawReader(rig.path).readings["C1.t"]?.map(\.text) == ["46", ""])
        #expect(try shell(rig.path, "SELECT value FROM recent WHERE quality = 'good'") == [["11.5"]])
    }

    @Test(arguments: [nil, 0, -1, .nan, .infinity] as [Double?])
    func anythingElseIsKeptAsItIs(resolution: Double?) throws {
        let rig = try Rig(tag(.float32, resolution: resolution))
        rig.scan(0, [.float(73.44)])
        rig.loop.pass()
        #expect(try RawReader(rig.path).readings["C1.t"]?.map(\.text) == ["73.44"])
    }

    @Test func anIntegerHasItsResolutionAlready() throws {
        let rig = try Rig(tag(.int16, scale: 0.1, resolution: 5))
        rig.scan(0, [.int(734)])
        rig.loop.pass()
        #expect(try RawReader(rig.path).readings["C1.t"]?.map(\.text) == ["734"])
        #expect(try shell(rig.path, "SELECT type, scale FROM slot") == [["int16", "0.1"]])
    }
}
