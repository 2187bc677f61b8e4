import Chunks
import Plant
import Testing

@testable import Archive

@Suite("The values of a row")
struct RowColumnsTests {
    private func columns(_ values: String, bad: String? = nil, slots: [(Int, ValueType)]) -> (Quality, [TagColumn]) {
        let formats = slots.map { slot, type in
            SlotFormat(
                tag: 1, index: 0, slot: slot, type: type, scale: nil, offset: 0, isStepped: false, isCounter: false,
                period: 1000)
        }
        var columns = [TagColumn](repeating: TagColumn(), count: slots.count)
        func decode(_ bad: UnsafePointer<UInt8>?) -> Quality {
            values.withCString { text in
                text.withMemoryRebound(to: UInt8.self, capacity: values.utf8.count + 1) { text in
                    RowColumns.append(text, bad: bad, slots: formats, to: &columns)
                }
            }
        }
        guard let bad else { return (decode(nil), columns) }
        let loss = bad.withCString { text in
            text.withMemoryRebound(to: UInt8.self, capacity: bad.utf8.count + 1) { decode($0) }
        }
        return (loss, columns)
    }

    private let row = #"[1,-2.5,null,"a,b]\"c","",6,"18446744073709551615"]"#

    @Test func everySlotIsFoundAndNothingBeyond() {
        let (loss, found) = columns(
            row,
            slots: [
                (0, .uint16), (1, .float64), (2, .int16), (3, .string(registers: 4)), (4, .string(registers: 4)),
                (6, .uint64), (7, .bool),
            ])
        #expect(loss == .good)
        #expect(found.map(\.bits) == [[1], [Double(-2.5).bitPattern], [0], [], [], [.max], [0]])
        #expect(found.map(\.texts) == [[], [], [], [#"a,b]"c"#], [""], [], []])
        #expect(found.map { $0.qualities[0] } == [.good, .good, .neverRead, .good, .good, .good, .neverRead])
    }

    @Test func qualitiesAreFoundBySlot() {
        let (loss, found) = columns(row, bad: #"{"0":145,"5":64}"#, slots: [(0, .uint16), (1, .float64), (5, .uint16)])
        #expect(loss == .good)
        #expect(found.map(\.qualities) == [[.outOfRange], [.good], [.frozen]])
        #expect(found.map(\.bits) == [[0], [Double(-2.5).bitPattern], [6]])
    }

    @Test func aLostScanHasNoValues() {
        let (loss, found) = columns("[]", bad: #"{"all":129}"#, slots: [(0, .uint16), (3, .string(registers: 4))])
        #expect(loss == .timeout)
        #expect(found.map(\.qualities) == [[.timeout], [.timeout]])
        #expect(found.map(\.texts) == [[], [""]])
    }
}
