import Archive
import Foundation
import GRDB
import Plant
import TestSupport
import Testing

@testable import Historian

@Suite("Values as JSON text")
struct ScanTextTests {
    static let cases: [(ValueType, UInt64, String)] = [
        (.bool, 1, "1"),
        (.uint16, 65535, "65535"),
        (.int16, UInt64(bitPattern: -32768), "-32768"),
        (.uint32, 4_294_967_295, "4294967295"),
        (.int32, UInt64(bitPattern: Int64(Int32.min)), "-2147483648"),
        (.int64, UInt64(bitPattern: Int64.min), "-9223372036854775808"),
        (.int64, UInt64(bitPattern: Int64.max), "9223372036854775807"),
        (.uint64, UInt64(Int64.max), "9223372036854775807"),
        (.uint64, UInt64(Int64.max) + 1, "\"9223372036854775808\""),
        (.uint64, UInt64.max, "\"18446744073709551615\""),
        (.uint64, 0, "0"),
        (.float32, UInt64(Float(1502.3).bitPattern), "1502.3"),
        (.float32, UInt64(Float(-0.0).bitPattern), "-0.0"),
        (.float32, UInt64(Float.leastNonzeroMagnitude.bitPattern), "1e-45"),
        (.float32, UInt64(Float.nan.bitPattern), "null"),
        (.float64, Double(73.4).bitPattern, "73.4"),
        (.float64, Double.infinity.bitPattern, "null"),
    ]

    @Test(arguments: cases)
    func everyTypeHasItsExactText(type: ValueType, bits: UInt64, text: String) {
        var out: [UInt8] = []
        out.append(values: [RawReading(bits: bits, slot: 0, quality: .good)], types: [type], texts: [:])
        #expect(String(decoding: out, as: UTF8.self) == "[\(text)]")
    }

    @Test func badValuesAreNullAndUncertainOnesKeepTheirNumber() {
        let readings = [
            RawReading(bits: 7, slot: 0, quality: .good), RawReading(bits: 8, slot: 1, quality: .outOfRange),
            RawReading(bits: 9, slot: 2, quality: .frozen),
        ]
        var values: [UInt8] = []
        values.append(values: readings, types: [.uint16, .uint16, .uint16], texts: [:])
        #expect(String(decoding: values, as: UTF8.self) == "[7,null,9]")
        var bad: [UInt8] = []
        let any = bad.append(qualities: readings)
        #expect(any)
        #expect(String(decoding: bad, as: UTF8.self) == "{\"1\":145,\"2\":64}")
    }

    @Test func allGoodWritesNoQualities() {
        var bad: [UInt8] = []
        let any = bad.append(qualities: [RawReading(bits: 7, slot: 0, quality: .good)])
        #expect(!any)
        #expect(bad.isEmpty)
    }

    @Test(arguments: ["", "plain", "a\"b\\c", "tab\tnul\u{0}del\u{7F}", "Öfen 炉", "ends \\"])
    func textIsAnyJSONReadersText(_ text: String) throws {
        var out: [UInt8] = []
        out.append(string: Array(text.utf8))
        let read = try JSONSerialization.jsonObject(with: Data(out), options: .fragmentsAllowed) as? String
        #expect(read == text)
        let ours = out.withUnsafeBufferPointer { ScanRow.unquoted($0) }
        #expect(ours == text)
    }

    @Test func bytesThatAreNoTextStayReadable() {
        var out: [UInt8] = []
        out.append(string: [0xFF, 0x41])
        #expect(String(decoding: out, as: UTF8.self) == "\"\u{FFFD}A\"")
    }
}

@Suite("Doubles as text")
struct DoubleTextTests {
    /// Debian's SQLite is the judge: its JSON functions must read every double back to the same bits.
    @Test(arguments: [UInt64(1), 2])
    func sqliteReadsTheSameBits(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var numbers: [Double] = [0, -0.0, 1, 73.4, 0.1, 1e22, 1e23, .greatestFiniteMagnitude, .leastNonzeroMagnitude]
        for _ in 0..<40_000 {
            // Measured values with a few decimals, and any bits at all.
            numbers.append(Double(Int64.random(in: 0...999_999_999_999_999, using: &random)) / 1_000_000_000)
            let any = Double(bitPattern: .random(in: 0 ... .max, using: &random))
            if any.isFinite { numbers.append(any) }
        }
        let queue = try DatabaseQueue()
        let wrong = try queue.read { database in
            let statement = try database.makeStatement(sql: "SELECT json_extract(?, '$[0]')")
            return try numbers.filter { number in
                var text: [UInt8] = []
                let reading = RawReading(bits: number.bitPattern, slot: 0, quality: .good)
                text.append(values: [reading], types: [.float64], texts: [:])
                let read = try Double.fetchOne(statement, arguments: [String(decoding: text, as: UTF8.self)])
                return read?.bitPattern != number.bitPattern
            }
        }
        #expect(wrong.isEmpty, "seed \(seed): \(wrong.prefix(5))")
    }
}
