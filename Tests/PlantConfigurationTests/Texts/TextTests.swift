import Foundation
import Plant
import Testing

@testable import PlantConfiguration

@Suite struct DurationTextTests {
    @Test(
        arguments: [
            ("500ms", .milliseconds(500)), ("1s", .seconds(1)), ("5m", .seconds(300)), ("2h", .seconds(7200)),
            ("400d", .seconds(34_560_000)), ("0s", .zero), ("90s", .seconds(90)),
        ] as [(String, Duration)])
    func isAWholeNumberAndAUnit(_ text: String, _ expected: Duration) throws {
        #expect(try Duration(configured: text) == expected)
        #expect(try Duration(configured: expected.configured) == expected)
    }

    @Test(arguments: [
        "", "1", "s", "1 s", "1.5s", "-1s", "+1s", "1S", "1m30s", "1us",
        "٥s", "1e3s", "36501d", "9999999999999999999d",
    ])
    func isNothingElse(_ text: String) {
        #expect(throws: Expected.self) { try Duration(configured: text) }
    }
}

@Suite struct EndpointTextTests {
    private func endpoint(_ text: String) throws -> Endpoint {
        try Endpoint(configured: text, ports: 1...65_535) { name throws(Expected) in
            guard name == "plc" else { throw Expected("plc") }
            return "192.0.2.1"
        }
    }

    @Test(arguments: [
        ("127.0.0.1:502", "127.0.0.1:502"), ("[::1]:502", "[::1]:502"), ("[0:0:0:0:0:0:0:1]:65535", "[::1]:65535"),
        ("plc:1", "192.0.2.1:1"),
    ])
    func endsUpAsAnAddress(_ text: String, _ expected: String) throws {
        #expect(try endpoint(text).description == expected)
    }

    @Test(arguments: [
        "", ":", "plc", "plc:", "plc:x", "plc:0", "plc:65536", "plc:+1", "1:502", "1.2.3.4.5:1", "::1:1", "[plc]:1",
        "[]:1", "p c:1", "other:1", "[::1%lo]:1",
    ])
    func refusesTheRest(_ text: String) {
        #expect(throws: Expected.self) { try endpoint(text) }
    }

    @Test func theSystemKnowsItself() throws {
        #expect(["127.0.0.1", "::1"].contains(try resolveHost("localhost")))
    }

    /// Names under `.invalid` never resolve (RFC 6761); an empty label is refused before anybody is asked.
    @Test func aNameThatDoesNotResolveIsQuoted() {
        let error = #expect(throws: Expected.self) { try resolveHost("a..invalid") }
        #expect(error?.found == "\"a..invalid\"")
    }
}

@Suite struct RegisterTextTests {
    @Test(
        arguments: [
            ("holding:0", .zeroBased, .holding, 0, nil), ("input:65535", .zeroBased, .input, 65_535, nil),
            ("holding:0x8002", .zeroBased, .holding, 0x8002, nil), ("holding:0xff.15", .zeroBased, .holding, 255, 15),
            ("holding:010", .zeroBased, .holding, 10, nil), ("coil:7", .zeroBased, .coil, 7, nil),
            ("holding:1", .oneBased, .holding, 0, nil), ("discrete:65536", .oneBased, .discrete, 65_535, nil),
            ("40001", .modicon, .holding, 0, nil), ("00001", .modicon, .coil, 0, nil),
            ("19999", .modicon, .discrete, 9998, nil),
            ("365536", .modicon, .input, 65_535, nil), ("40008.3", .modicon, .holding, 7, 3),
        ] as [(String, AddressNotation, RegisterTable, Int, Int?)])
    func becomesAWireAddress(
        _ text: String, _ notation: AddressNotation, _ table: RegisterTable, _ address: Int, _ bit: Int?
    ) throws {
        let register = try RegisterText(text, notation: notation)
        #expect((register.table, register.address) == (table, address))
        #expect(register.bits?.range == bit.map { $0...$0 })
    }

    /// What a list shows for a place leads back to it, in whatever notation; 0x alone could be two things.
    @Test func everyFormThatIsShownIsReadAlike() throws {
        for address in [0, 9, 9998, 9999, 10_000, 65_535] {
            for table in RegisterTable.allCases {
                let range = try #require(RegisterRange(table: table, start: address, count: 1))
                let shown = range.description.split { " (),".contains($0) }.map(String.init)
                #expect(shown.count == 4)
                let readings = [
                    try RegisterText(shown[0], notation: .zeroBased),
                    try RegisterText("\(table.rawValue):\(shown[1])", notation: .oneBased),
                    try RegisterText(shown[2], notation: .modicon),
                ]
                #expect(readings.allSatisfy { $0.table == table && $0.address == address }, "\(range)")
                for notation in AddressNotation.allCases {
                    if table == .coil {
                        #expect(throws: Expected.self) { try RegisterText(shown[3], notation: notation) }
                    } else {
                        let withX = try RegisterText(shown[3], notation: notation)
                        #expect((withX.table, withX.address) == (table, address), "\(range)")
                    }
                }
            }
        }
    }

    @Test(
        arguments: [
            ("hr:10", .zeroBased, .holding, 10, nil), ("ir:10", .oneBased, .input, 9, nil),
            ("c:1", .zeroBased, .coil, 1, nil), ("di:1", .oneBased, .discrete, 0, nil),
            ("hr:0x0A", .modicon, .holding, 10, nil), ("hr:0x0A", .oneBased, .holding, 10, nil),
            ("4x11", .zeroBased, .holding, 10, nil), ("3x00008.3", .oneBased, .input, 7, "3"),
            ("holding:506.9-10", .zeroBased, .holding, 506, "9-10"),
            ("hr:0x1FA.15-15", .modicon, .holding, 506, "15-15"),
            ("40507.0-15", .modicon, .holding, 506, "0-15"),
        ] as [(String, AddressNotation, RegisterTable, Int, String?)])
    func saysItselfHowItCounts(
        _ text: String, _ notation: AddressNotation, _ table: RegisterTable, _ address: Int, _ bits: String?
    ) throws {
        let register = try RegisterText(text, notation: notation)
        #expect((register.table, register.address) == (table, address))
        #expect(register.bits?.description == bits)
    }

    @Test(arguments: [
        "", ":", "x", "4x", "4x.3", "4x00000", "4x65537", "2x00001", "5x1", "0x00001", "0x000A", "4x1234567", "4X00001",
        "hr:", "hr:0x", "hr:0x10000", "hr:0x-1", "hr:+1", "hr:1.", "hr:1.-", "hr:1.3-", "hr:1.-3", "hr:1.9-8",
        "hr:1.3-16", "hr:1.1-2-3", "hr:1:2", "HR:1", "hr: 1", "holding:10 (0x000A)", "c:1.0", "di:0x1.0-1", "٤x00001",
    ])
    func refusesTheRestInEveryNotation(_ text: String) {
        for notation in AddressNotation.allCases {
            #expect(throws: Expected.self) { try RegisterText(text, notation: notation) }
        }
    }
}

@Suite struct TimeZoneTextTests {
    @Test func withoutAFolderOfZonesAnyWellFormedNameIsBelieved() throws {
        #expect(try checkedTimeZone("Mars/Olympus", folder: "/nonexistent") == "Mars/Olympus")
        #expect(throws: Expected.self) { try checkedTimeZone("Mars Olympus", folder: "/nonexistent") }
    }

    @Test(arguments: ["../UTC", "/UTC", "Asia", "Asia/", "asia/seoul", "zone.tab", ""])
    func aNameLeadsToAZoneAndNowhereElse(_ name: String) throws {
        let system = try HostSystem.fake()
        defer { system.remove() }
        #expect(throws: Expected.self) { try checkedTimeZone(name, folder: system.zoneFolder) }
        #expect(try checkedTimeZone("Asia/Seoul", folder: system.zoneFolder) == "Asia/Seoul")
    }
}
