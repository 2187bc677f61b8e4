import Plant
import Testing

@testable import Commissioning

@Suite struct MeaningTests {
    private func meanings(
        _ wire: [UInt8], expecting expectation: @escaping (RegisterRange) -> Meaning.Expectation? = { _ in nil }
    ) -> [Meaning] {
        Meaning.all(of: wire, at: Rig.range(.holding, 10, wire.count / 2), expecting: expectation)
    }

    /// The bytes as they arrive in an order, by the order's own letters.
    private func wire(_ bytes: [UInt8], _ letters: String) -> [UInt8] {
        letters.utf8.map { bytes[Int($0 - UInt8(ascii: "a"))] }
    }

    /// 0x44B9E820 is 1487.25390625.
    @Test(arguments: WordOrder.short)
    func aFloatShowsInItsOrderAndOnlyThere(order: WordOrder) {
        let all = meanings(wire([0x44, 0xB9, 0xE8, 0x20], order.rawValue)).filter { $0.type == .float32 }
        #expect(all.map(\.order) == WordOrder.short)
        #expect(all.filter { $0.text == "1487.2539" }.map(\.order) == [order])
        #expect(all.first { $0.order == order }?.likelihood == .sane)
    }

    /// 0x400921FB54442D18 is the double next to pi.
    @Test(arguments: WordOrder.allCases)
    func aDoubleShowsInItsOrderAndOnlyThere(order: WordOrder) {
        let bytes: [UInt8] = [0x40, 0x09, 0x21, 0xFB, 0x54, 0x44, 0x2D, 0x18]
        let all = meanings(wire(bytes, order.longName)).filter { $0.type == .float64 }
        #expect(all.count == 8)
        #expect(all.filter { $0.text == "3.141592653589793" }.map(\.order) == [order])
    }

    @Test(arguments: [
        ([UInt8(0x12), 0x34], ["4660", "4660", "1234", "4660"]),
        ([0x80, 0x05], ["32773", "-32763", "8005", "-5"]),
        ([0xFF, 0xFE], ["65534", "-2", "not-decimal", "-32766"]),
    ])
    func aWordShowsAsEveryTypeOfOneWord(wire: [UInt8], expected: [String]) {
        let all = meanings(wire)
        #expect(all.map(\.type) == [.uint16, .int16, .bcd16, .signmag16])
        #expect(all.map(\.text) == expected)
    }

    @Test func everyRegisterBeginsEveryWidth() {
        let all = meanings([UInt8](repeating: 0, count: 10))
        #expect(all.filter { $0.type == .uint16 }.map { Int($0.place.start) } == [10, 11, 12, 13, 14])
        #expect(all.filter { $0.type == .uint32 && $0.order == .cdab }.map { Int($0.place.start) } == [10, 11, 12, 13])
        #expect(all.filter { $0.type == .int64 && $0.order == .abcd }.map { Int($0.place.start) } == [10, 11])
    }

    @Test func whatLiesWithinTheExpectedRangeFits() {
        let expected = Meaning.Expectation(range: 0...1800)
        let all = meanings([0x44, 0xB9, 0xE8, 0x20]) { _ in expected }
        #expect(all.filter { $0.likelihood == .fits }.map(\.text) == ["1487.2539"])
    }

    /// In the wrong orders words often make floats next to nothing, which a range from 0 on would hold.
    @Test func nextToNothingDoesNotFitButNothingDoes() {
        let expected = Meaning.Expectation(range: 0...1800)
        #expect(!expected.holds(2.1372296e-38))
        #expect(expected.holds(0))
        // A vacuum gauge measures from 1e-10 mbar on.
        #expect(Meaning.Expectation(range: 1e-10...1e-3).holds(5e-9))
    }

    @Test func theScaleOfTheTagIsAppliedBeforeItsRange() {
        let expected = Meaning.Expectation(range: 0...200, scale: 0.1, offset: 0)
        let all = meanings([0x03, 0xE9]) { $0.start == 10 ? expected : nil }
        #expect(all.first { $0.type == .int16 }?.likelihood == .fits)
        let other = meanings([0x38, 0xA5]) { _ in expected }
        #expect(other.first { $0.type == .int16 }?.likelihood == .unknown)
    }

    @Test func textShowsInEveryPackingWithDotsForTheRest() {
        let wire: [UInt8] = [0x41, 0x42, 0x43, 0x00]
        #expect(Meaning.text(of: wire, .highLow) == "ABC.")
        #expect(Meaning.text(of: wire, .lowHigh) == "BA.C")
        #expect(Meaning.text(of: wire, .high) == "AC")
        #expect(Meaning.text(of: wire, .low) == "B.")
    }

    @Test func bitTablesHaveNoMeanings() {
        #expect(Meaning.all(of: [1], at: Rig.range(.coil, 0, 1)).isEmpty)
    }
}
