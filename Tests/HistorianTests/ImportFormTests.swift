import Plant
import TestSupport
import Testing

@testable import Historian

/// The form in which imported values are kept gives the same values back.
@Suite struct ImportFormTests {
    static let fitting: [(ImportForm, ImportedValue, UInt64)] = [
        (ImportForm(type: .uint16), ImportedValue.integer(65_535), UInt64(65_535)),
        (ImportForm(type: .int16), .integer(-1), UInt64.max),
        (ImportForm(type: .int16, scale: 0.1, offset: 0), .real(73.4), 734),
        (ImportForm(type: .int16, scale: 0.1, offset: 5), .integer(5), 0),
        (ImportForm(type: .float32), .real(1451.2817), UInt64(Float(1451.2817).bitPattern)),
        (ImportForm(type: .float32), .integer(3), UInt64(Float(3).bitPattern)),
        (ImportForm(type: .uint64), .unsigned(.max), .max),
        (ImportForm(type: .bool), .integer(1), 1),
        (.real, .real(0.1), (0.1).bitPattern),
        (.real, .integer(1 << 53), Double(1 << 53).bitPattern),
        (.text, .text("°C"), 3),
        (.integer, .none, 0),
    ]

    @Test(arguments: fitting)
    func valuesThatFitHaveBits(_ form: ImportForm, _ value: ImportedValue, _ bits: UInt64) {
        #expect(form.bits(of: value) == bits)
    }

    static let misfits: [(ImportForm, ImportedValue)] = [
        (ImportForm(type: .uint16), ImportedValue.integer(65_536)),
        (ImportForm(type: .uint16), .integer(-1)),
        (ImportForm(type: .uint16), .real(0.5)),
        (ImportForm(type: .int16, scale: 0.1, offset: 0), .real(73.45)),
        (ImportForm(type: .int16, scale: 0.1, offset: 0), .real(3276.8)),
        (ImportForm(type: .float32), .real(1451.28171)),
        (ImportForm(type: .float32), .real(1e300)),
        (ImportForm(type: .bool), .integer(2)),
        (ImportForm(type: .bcd16), .integer(10_000)),
        (.real, .integer(1 << 53 + 1)),
        (.integer, .unsigned(.max)),
        (.integer, .text("5")),
        (.text, .integer(5)),
    ]

    @Test(arguments: misfits)
    func othersHaveNone(_ form: ImportForm, _ value: ImportedValue) {
        #expect(form.bits(of: value) == nil)
    }

    /// What a scaled register shows is kept as that register.
    @Test(arguments: [(0.1, 0.0), (0.01, -40), (2.5, 7), (0.0625, 0), (1e-3, 1e3)])
    func scaledRegistersComeBack(_ scale: Double, _ offset: Double) {
        let form = ImportForm(type: .int32, scale: scale, offset: offset)
        var random = SeededRandom(seed: 9)
        for _ in 0..<2000 {
            let raw = Int64.random(in: -1_000_000...1_000_000, using: &random)
            // The text that an export writes.
            let text = Tag.shown(Double(raw) * scale + offset)
            let value = ImportFieldTests.number(text)
            #expect(value.flatMap(form.bits) == UInt64(bitPattern: raw), "seed 9: \(text)")
        }
    }

    /// Whatever the value is, some form keeps it.
    @Test func everyValueHasAForm() {
        var random = SeededRandom(seed: 10)
        for _ in 0..<2000 {
            let bits = random.next()
            let real = Double(bitPattern: bits)
            for value in [
                .integer(Int64(bitPattern: bits)), .unsigned(bits | 1 << 63), .real(real.isFinite ? real : 1),
            ]
                as [ImportedValue]
            {
                #expect(ImportForm.all.contains { $0.bits(of: value) != nil }, "seed 10: \(value)")
            }
        }
    }
}
