import Foundation
import TestSupport
import Testing

/// The commissioning verbs of the built binary against pymodbus.
@Suite(.serialized)
struct CommissioningTests {
    /// 1487.25 is 0x44B9E800 and 20.5 is 0x41A40000 (IEEE 754 binary32); the second low word first.
    static let words = ["words holding 0 44b9 e800 0000 41a4 03e9 0007", "words input 5 1234"]

    private func yard(_ server: PymodbusServer, _ tags: String, profile: String = "") throws -> Plantyard {
        try Plantyard(
            """
            plant: {name: Test, site: T, time_zone: UTC}
            scan: {normal: 1s}
            controllers:
              - name: X
                address: 127.0.0.1:\(server.port)
                unit: 1
                \(profile)
            \(tags)
            """)
    }

    @Test func readShowsEveryOrderAndMarksWhatTheTagExpects() throws {
        let server = try PymodbusServer(Self.words)
        let yard = try yard(
            server,
            """
                tags:
                  - {name: pv, register: "holding:0", type: float32, range: [1000, 1800]}
                  - {name: tenths, register: "holding:4", type: int16, scale: 0.1, range: [0, 200]}
            """)
        let read = try Cupel.run("read", "X", "--register", "4x00001", "--count", "6", "--config", yard.config)
        #expect(read.status == 0)
        let lines = read.output.split(separator: "\n")
        #expect(lines.first?.hasPrefix("holding:0 (0x0000, 40001, 4x00001), 6 of them, unit 1, X at ") == true)
        #expect(lines.contains { $0.hasPrefix("sent 20") && $0.contains(", reply 20") && $0.contains("round trip ") })
        #expect(lines.contains { $0.contains("holding:0 ") && $0.contains(" abcd ") && $0.contains(" 1487.25* ") })
        #expect(lines.contains { $0.contains("holding:2 ") && $0.contains(" cdab ") && $0.contains(" 20.5~ ") })
        #expect(lines.contains { $0.contains("holding:4 ") && $0.contains(" 0x03E9 ") && $0.contains(" 1001* ") })
        #expect(read.output.contains("abcdefgh"))

        let tag = try Cupel.run("read", "X", "--tag", "pv", "--config", yard.config, "--json")
        #expect(tag.status == 0)
        let json = try #require(try JSONSerialization.jsonObject(with: Data(tag.output.utf8)) as? [String: Any])
        #expect(json["count"] as? Int == 2)
        let readings = try #require(json["readings"] as? [[String: Any]])
        let fits = readings.filter { $0["likelihood"] as? String == "fits" }
        #expect(fits.map { $0["text"] as? String } == ["1487.25"])
        #expect((json["tag"] as? [String: Any])?["quality"] as? String == "good")
    }

    /// holding:4 is what was printed for it, 40005 what the manual calls it, and holding:5 what somebody else's does.
    @Test(arguments: [["4x00005"], ["holding:4"], ["40005"], ["holding:5", "--notation", "one-based"]])
    func whatWasPrintedCanBeTypedAgain(register: [String]) throws {
        let server = try PymodbusServer(Self.words)
        let yard = try yard(
            server,
            """
                tags: [{name: pv, register: "40001", type: float32}]
            """, profile: "notation: modicon")
        let read = try Program(
            Cupel.binary, ["read", "X", "--config", yard.config, "--json", "--register"] + register
        ).exit()
        #expect(read.status == 0, "\(read.errors)")
        #expect(read.output.contains("\"hex\":\"0x03E9\""))
    }

    @Test func readTellsWhoIsAtFault() throws {
        let server = try PymodbusServer(Self.words)
        // pymodbus answers a unit that it does not have with exception 4.
        let other = try Cupel.run("read", "127.0.0.1:\(server.port)", "--unit", "9", "--register", "hr:0")
        #expect(other.status == 65)
        #expect(other.errors.contains("unit 9, holding:0 (0x0000, 40001, 4x00001): exception 4 (device failure)"))
        #expect(other.errors.contains("look first at the controller"))
        let port = server.port
        server.kill()
        let gone = try eventually("the port to be closed") {
            let gone = try Cupel.run("read", "127.0.0.1:\(port)", "--register", "hr:0")
            return gone.status == 0 ? nil : gone
        }
        #expect(gone.status == 69)
        #expect(gone.errors.contains("look first at the cable"))
        #expect(try Cupel.run("read", "127.0.0.1:1", "--register", "40001").status == 64)
    }

    @Test(arguments: [
        ["read", "127.0.0.1:0", "--register", "hr:0"], ["read", "127.0.0.1:70000", "--register", "hr:0"],
        ["read", "[::1", "--register", "hr:0"], ["read", "[::1]502", "--register", "hr:0"],
        ["read", "127.0.0.1", "--register", "hr:0", "--count", "126"], ["read", "127.0.0.1"],
        ["read", "127.0.0.1", "--tag", "pv"], ["read", "127.0.0.1", "--register", "hr:0", "--range", "9:1"],
        ["probe", "127.0.0.1", "--units", "5-1"], ["probe", "127.0.0.1", "--units", "1,256"],
        ["probe", "127.0.0.1", "--from", "65536"], ["scan", "127.0.0.1", "--from", "9", "--to", "8"],
        ["scan", "127.0.0.1", "--to", "65536"], ["scan", "127.0.0.1", "--step", "17"],
        ["scan", "127.0.0.1", "--table", "register"],
    ])
    func whatCannotBeAskedIsRefusedBeforeAnythingIs(arguments: [String]) throws {
        let refused = try Program(Cupel.binary, arguments).exit()
        #expect(refused.status == 64, "\(refused.errors)")
        #expect(refused.output.isEmpty)
    }

    @Test func probeFindsTheUnitItsFunctionsAndItsBlocks() throws {
        let server = try PymodbusServer(Self.words)
        let probe = try Cupel.run("probe", "127.0.0.1:\(server.port)", "--units", "1", "--json")
        #expect(probe.status == 0)
        let json = try #require(try JSONSerialization.jsonObject(with: Data(probe.output.utf8)) as? [String: Any])
        let unit = try #require((json["units"] as? [[String: Any]])?.first)
        let functions = try #require(unit["functions"] as? [[String: Any]])
        #expect(functions.map { $0["function"] as? Int } == [1, 2, 3, 4])
        #expect(functions.map { $0["largest_block"] as? Int } == [2000, 2000, 125, 125])
        #expect((unit["round_trips"] as? Int ?? 0) > 4)
        #expect((unit["round_trip_min_ms"] as? Double ?? 0) > 0)
    }

    @Test func aDraftOfScanIsAProfileAndItsMapIsVerified() throws {
        let server = try PymodbusServer(Self.words)
        let yard = try yard(server, "", profile: "profile: draft")
        try FileManager.default.createDirectory(atPath: yard.path + "/profiles", withIntermediateDirectories: true)
        let draft = yard.path + "/profiles/draft.yaml"
        let scan = try Cupel.run("scan", "127.0.0.1:\(server.port)", "--to", "9", "--out", draft)
        #expect(scan.status == 0)
        #expect(scan.errors.contains("from 1 to 44 requests"))
        #expect(
            scan.output.contains(
                "holding:0 (0x0000, 40001, 4x00001) to holding:9 (0x0009, 40010, 4x00010), 10 registers"))
        let check = try Cupel.run("check", "--config", yard.config)
        #expect(check.status == 0, "\(check.errors)")
        #expect(check.output.contains("10 tags"))
        #expect(try Cupel.run("scan", "127.0.0.1:\(server.port)", "--to", "9", "--out", draft).status == 73)

        let verify = try Cupel.run("verify-map", "--config", yard.config, "--json")
        #expect(verify.status == 0, "\(verify.output) \(verify.errors)")
        #expect(verify.output.split(separator: "\n").count == 10)
        #expect(verify.output.contains("\"tag\":\"X.r0004\",\"verdict\":\"ok\""))
    }

    @Test func verifyMapFailsOnAValueThatIsBad() throws {
        let server = try PymodbusServer(Self.words)
        let yard = try yard(
            server,
            """
                tags:
                  - {name: pv, register: "holding:0", type: float32, range: [0, 100]}
                  - {name: ok, register: "holding:4", type: int16}
            """)
        let verify = try Cupel.run("verify-map", "X", "--config", yard.config)
        #expect(verify.status == 65)
        #expect(verify.output.contains("2 tags read, 1 not ok"))
        #expect(verify.output.contains("bad:out-of-range"))
        #expect(try Cupel.run("verify-map", "Y", "--config", yard.config).status == 64)
    }

    @Test func anInterruptedScanShowsWhatItFound() throws {
        let server = try PymodbusServer(Self.words)
        let scan = try Cupel.start("scan", "127.0.0.1:\(server.port)", "--to", "65535")
        _ = try scan.errorLine { $0.hasPrefix("from ") }
        scan.signal(SIGINT)
        let end = try scan.exit()
        #expect(end.status == 130)
        #expect(end.errors.contains("stopped"))
        #expect(end.output.contains("of 65536 registers can be read"))
    }
}
