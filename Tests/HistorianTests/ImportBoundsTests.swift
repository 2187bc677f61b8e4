import Plant
import Testing

@testable import Historian

/// What a tag can say is taken, and nothing else.
@Suite struct ImportBoundsTests {
    static let integers: [(ValueType, [String], [String])] = [
        (.uint16, ["0", "65535", "5.0", "6e4"], ["-1", "65536", "70000", "2.5", "1e300"]),
        (.int16, ["-32768", "32767"], ["-32769", "32768"]),
        (.uint32, ["4294967295"], ["5000000000", "2.5", "-1"]),
        (.int32, ["-2147483648", "2147483647"], ["-2147483649", "2147483648"]),
        (
            .int64, ["-9223372036854775808", "9223372036854775807", "9007199254740991.0"],
            ["9223372036854775808", "-9223372036854775809", "1.5", "9007199254740992.0", "9007199254740993.0"]
        ),
        (.uint64, ["18446744073709551615", "0"], ["18446744073709551616", "-1", "1e19"]),
        (.bcd16, ["9999"], ["10000", "-1"]), (.bcd32, ["99999999"], ["100000000"]),
        (.signmag16, ["-32767", "32767"], ["-32768", "32768"]),
        (.signmag32, ["-2147483647", "2147483647"], ["-2147483648", "2147483648"]),
    ]

    @Test(arguments: integers)
    func registersOfWholeNumbersHoldTheirRange(_ type: ValueType, _ inside: [String], _ beyond: [String]) throws {
        let bounds = ImportBounds(ImportForm(type: type))
        for text in inside {
            let taken = try bounds.taken(#require(ImportFieldTests.number(text)))
            #expect(taken?.fits == true, "\(type) \(text)")
        }
        for text in beyond {
            #expect(try bounds.taken(#require(ImportFieldTests.number(text))) == nil, "\(type) \(text)")
        }
        #expect(bounds.description.hasPrefix("a whole number from "))
    }

    static let tenth = ImportForm(type: .int16, scale: 0.1, offset: -40)

    static let numbers: [(ImportForm, String, ImportedValue?, Bool)] = [
        // The shortest decimal of the greatest float is a little beyond it.
        (ImportForm(type: .float32), "3.4028235e+38", ImportedValue.real(3.4028235e+38), true),
        (ImportForm(type: .float32), "-3.4028235e+38", .real(-3.4028235e+38), true),
        (ImportForm(type: .float32), "1e300", nil, false),
        (ImportForm(type: .float32), "3.5e38", nil, false),
        // Finer than the register, and taken.
        (ImportForm(type: .float32), "1451.28171", .real(1451.28171), false),
        (ImportForm(type: .float32), "3", .integer(3), true),
        // What no float is, is a number with a fraction's type, not an integer among them.
        (ImportForm(type: .float32), "16777217", .real(16_777_217), false),
        (ImportForm(type: .float64), "1e300", .real(1e300), true),
        (ImportForm(type: .float64), "9007199254740993", .real(9_007_199_254_740_992), false),
        (tenth, "3236.7", .real(3236.7), true), (tenth, "-3316.8", .real(-3316.8), true),
        (tenth, "3236.71", nil, false), (tenth, "-3316.9", nil, false), (tenth, "5000", nil, false),
        (tenth, "73.45", .real(73.45), false), (tenth, "73", .integer(73), true),
        (ImportForm(type: .uint16, scale: -2, offset: 0), "-131070", .integer(-131_070), true),
        (ImportForm(type: .uint16, scale: -2, offset: 0), "2", nil, false),
        (ImportForm(type: .uint16, scale: -2, offset: 0), "-131072", nil, false),
        (ImportForm(type: .uint16, scale: -2, offset: 0), "-3", .real(-3), false),
    ]

    @Test(arguments: numbers)
    func otherNumbersAreTakenWithinTheRange(
        _ form: ImportForm, _ text: String, _ expected: ImportedValue?, _ fits: Bool
    ) throws {
        let taken = try ImportBounds(form).taken(#require(ImportFieldTests.number(text)))
        #expect(taken?.value == expected)
        #expect((taken?.fits ?? false) == fits)
    }

    @Test func textIsAsLongAsItsRegisters() {
        let bounds = ImportBounds(ImportForm(type: .string(registers: 4)))
        #expect(bounds.taken(.text("Öfen 12"))?.value == .text("Öfen 12"))
        #expect(bounds.taken(.text("Öfen 123")) == nil)
        #expect(bounds.description == "text in UTF-8 of at most 8 bytes")
    }

    static let plant = Result {
        try Plant.test([
            [
                SlotSpec(name: "cnt", type: .uint16, isCounter: true), SlotSpec(name: "big", type: .int64),
                SlotSpec(name: "temp", type: .float32), SlotSpec(name: "exact", type: .float64),
                SlotSpec(name: "flow", type: .int16, scale: 0.1), SlotSpec(name: "lot", type: .string(registers: 2)),
                SlotSpec(name: "phase", type: .uint16, states: [1: "melt"]),
            ]
        ])
    }

    static let mistakes: [(String, String, String)] = [
        ("cnt", "70000", "a whole number from 0 to 65535"), ("cnt", "-1", "a whole number from 0 to 65535"),
        ("cnt", "2.5", "a whole number from 0 to 65535"),
        ("big", "1.5", "a whole number from -9223372036854775808 to 9223372036854775807"),
        ("temp", "1e300", "a number between ±3.4028235e+38"),
        ("temp", "nan", "a number between ±3.4028235e+38; what was not measured has the quality bad:not-a-number"),
        ("exact", "-INF", "a finite number; what was not measured has the quality bad:not-a-number"),
        ("exact", "1e999", "a finite number; what was not measured has the quality bad:not-a-number"),
        ("flow", "5000", "a number from -3276.8 to 3276.7"),
        ("lot", "12345", "text in UTF-8 of at most 4 bytes"),
        ("phase", "65536", "a whole number from 0 to 65535 or a state: melt"),
        ("phase", "-1", "a whole number from 0 to 65535 or a state: melt"),
    ]

    @Test(arguments: mistakes)
    func whatDoesNotFitHasItsPlace(_ tag: String, _ value: String, _ expected: String) throws {
        let rig = try ImportRig(Self.plant.get())
        let column = 16 + tag.utf8.count
        #expect(
            try rig.problems("time,tag,value\n2026-01-03,C1.\(tag),\(value)\n") == [
                "readings.csv:2:\(column): found \"\(value)\" as a value of C1.\(tag), expected \(expected)"
            ])
    }

    /// As text, the first NaN would make a tag of texts out of a tag of numbers.
    @Test func aNewTagDoesNotBeginWithNaN() throws {
        let rig = try ImportRig()
        #expect(
            try rig.problems("time,tag,value\n2026-01-03,new,NaN\n2026-01-04,new,5\n") { $0.createsTags = true } == [
                "readings.csv:2:16: found \"NaN\" as a value of new, expected a finite number; what was not measured "
                    + "has the quality bad:not-a-number"
            ])
        // In quotation marks it is text, if anybody wants that.
        try rig.run("time,tag,value\n2026-01-03,new,\"NaN\"\n", creates: true)
        #expect(try shell(rig.rig.path, "SELECT kind FROM tag WHERE name = 'new'") == [["text"]])
    }

    @Test func aTagOfNoControllerTakesAnyNumber() throws {
        let rig = try ImportRig()
        try rig.run("time,tag,value\n2026-01-03,new,5\n", creates: true)
        let status = try rig.run("time,tag,value\n2026-01-04,new,1e300\n2026-01-05,new,-0.5\n")
        #expect(status.numbers == [2, 0, 0, 0])
    }
}
