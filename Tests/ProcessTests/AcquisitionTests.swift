import Foundation
import TestSupport
import Testing

/// What an engineer relies on when a controller is not as the map says, seen from outside and against pymodbus.
@Suite(.serialized)
struct AcquisitionTests {
    /// Twenty registers of which 7 and 13 are refused, each holding its address and a hundred.
    static func holedServer() throws -> PymodbusServer {
        try PymodbusServer(
            ["words holding 0 " + (0..<20).map { String(100 + $0, radix: 16) }.joined(separator: " ")]
                + ["only 0 6", "only 8 12", "only 14 19"])
    }

    static func yaml(_ addresses: [Int], more: String = "", alarms: String = "") -> String {
        let places = addresses.map { "\"127.0.0.1:\($0)\"" }.joined(separator: ", ")
        return """
            plant: {name: Test, site: T, time_zone: UTC}
            history: {commit_every: 100ms}
            scan: {fast: 100ms}
            diagnostics: {every: 1s}
            controllers:
              - name: P
                address: [\(places)]
                unit: 1
                timeout: 5s
                tags:

            """
                + (0..<20).map { "      - {name: r\($0), register: \"holding:\($0)\", type: uint16, scan: fast}\n" }
                .joined()
                + more + "\n" + (alarms.isEmpty ? "" : "alarms:\n\(alarms)\n")
    }

    struct Reading: Decodable {
        var tag: String
        var time: String?
        var value: Double?
        var quality: String
    }

    static func now(_ pattern: String, _ yard: Plantyard) throws -> [Reading] {
        let answer = try yard.cupel("now", pattern, "--json")
        guard answer.status == 0 else { throw TestFailure("now: \(answer)") }
        return try answer.output.split(separator: "\n").map {
            try JSONDecoder().decode(Reading.self, from: Data($0.utf8))
        }
    }

    @Test func badRegistersAreLeftOutFromTheFirstScanAndListed() throws {
        let server = try Self.holedServer()
        let yard = try Plantyard(
            Self.yaml([server.port], more: "      - {name: sum, expr: \"r1 + 2 * r2\", scan: fast, unit: A}"))
        let daemon = try yard.daemon()
        let readings = try eventually("readings") {
            let readings = try Self.now("P.*", yard)
            return readings.allSatisfy { $0.quality != "bad:never-read" } ? readings : nil
        }
        for reading in readings where reading.tag != "P.sum" {
            let address = Int(reading.tag.dropFirst(3)) ?? 0
            let isHole = address == 7 || address == 13
            #expect(reading.quality == (isHole ? "bad:exception-2" : "good"), "\(reading.tag)")
            #expect(reading.value == (isHole ? nil : Double(100 + address)), "\(reading.tag)")
        }
        #expect(readings.first { $0.tag == "P.sum" }?.value == 305.0)
        let status = try yard.cupel("status").output
        #expect(status.contains("P QUARANTINED holding:7 (0x0007, 40008, 4x00008): bad:exception-2 for P.r7"))
        #expect(status.contains("P QUARANTINED holding:13 (0x000D, 40014, 4x00014): bad:exception-2 for P.r13"))
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
        // Not one scan had to pay for them, and what is computed is kept like what is read.
        #expect(
            try yard.sqlite(
                yard.history,
                "SELECT DISTINCT tag, quality FROM recent WHERE tag LIKE 'P.%' AND quality <> 'good' ORDER BY 1")
                == "P.r13|bad:exception-2\nP.r7|bad:exception-2")
        #expect(
            try yard.sqlite(yard.history, "SELECT DISTINCT value, quality FROM recent WHERE tag = 'P.sum'")
                == "305.0|good")
    }

    @Test func whenOneAddressFailsTheOtherIsUsedAndTheEvidenceIsKept() throws {
        let (first, second) = (try Self.holedServer(), try Self.holedServer())
        let yard = try Plantyard(Self.yaml([first.port, second.port]))
        let daemon = try yard.daemon()
        _ = try eventually("readings") { try Self.now("P.r1", yard).first?.quality == "good" ? true : nil }
        #expect(try Self.now("@line/P.endpoint", yard).count == 1)
        first.kill()
        _ = try eventually("the second address") {
            try yard.cupel("status").output.contains("NOT on 127.0.0.1:\(first.port), which is preferred") ? true : nil
        }
        _ = try eventually("readings again") { try Self.now("P.r1", yard).first?.quality == "good" ? true : nil }
        _ = try eventually("its figure") { try Self.now("@line/P.endpoint", yard).first?.value == 1 ? true : nil }
        let captures = try eventually("a capture") {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: yard.state + "/frames")) ?? []
            return names.contains { $0.hasSuffix("-fault.pcap") } ? names : nil
        }
        #expect(captures.allSatisfy { $0.hasPrefix("P-") })
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
    }

    @Test func aReadingIsExplainedByItsFramesAndTheyOpenInAnotherProgram() throws {
        let server = try Self.holedServer()
        let yard = try Plantyard(Self.yaml([server.port]))
        let daemon = try yard.daemon()
        // Once the holes are known: unit 1, function 3, from 0 on, the 7 registers up to the first.
        let explained = try eventually("a steady scan") {
            guard let time = try Self.now("P.r5", yard).first?.time else { return String?.none }
            let explained = try yard.cupel("explain", "P.r5@\(time)")
            return explained.output.contains("00 00 00 06 01 03 00 00 00 07") ? explained.output : nil
        }
        #expect(explained.hasPrefix("P.r5  good\n  P unit 1, holding:5 (0x0005, 40006, 4x00006)\n"))
        #expect(explained.contains("from byte 19 of the reply") && explained.contains("raw 105 (uint16)"))
        // A second ago there may have been no scan yet.
        _ = try eventually("the hole explained") {
            try yard.cupel("explain", "P.r7@-1s").output.contains("exception 2") ? true : nil
        }
        #expect(try yard.cupel("explain", "@line/P.ok@now").status == 65)
        #expect(try yard.cupel("explain", "P.r5").status == 64)

        let file = yard.path + "/p.pcap"
        #expect(try yard.cupel("frames", "P", "--out", file).status == 0)
        #expect(try yard.cupel("frames", "Q", "--out", file + "2").status == 65)
        let script = """
            import sys
            from scapy.all import rdpcap, TCP, Raw
            frames = [bytes(p[Raw]) for p in rdpcap(sys.argv[1]) if Raw in p]
            asked = [f for f in frames if len(f) == 12]
            answered = {f[:2] for f in frames if len(f) != 12}
            print(len(asked) > 3, all(f[7] in (1, 2, 3, 4) for f in frames if len(f) == 12))
            print(sum(f[:2] in answered for f in asked) >= len(asked) - 1)
            """
        let read = try Program(Cupel.python, ["-W", "ignore", "-c", script, file]).exit()
        #expect(read.output == "True True\nTrue", "\(read)")
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
    }

    @Test func aFigureOfALineIsATagLikeAnyOther() throws {
        let server = try Self.holedServer()
        let yard = try Plantyard(
            Self.yaml(
                [server.port],
                alarms: "  - {id: refusals, tag: \"@unit/*.exceptions\", levels: {high: {limit: 1, priority: low}}}"))
        let daemon = try yard.daemon()
        let alarm = try eventually("the alarm") {
            let list = try yard.cupel("alarms", "list", "--json").output
            return list.contains("refusals:@unit/P.exceptions") ? list : nil
        }
        #expect(alarm.contains("\"level\":\"high\""))
        #expect(try Self.now("*", yard).allSatisfy { !$0.tag.hasPrefix("@") }, "not swept up with the plant's tags")
        #expect(try Self.now("@group/P/fast.achieved_per_s", yard).count == 1)
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
        let kept = try yard.cupel("query", "@line/P.rtt_p99_ms", "--from", "-1m", "--format", "csv")
        #expect(kept.status == 0 && kept.output.contains("@line/P.rtt_p99_ms"), "\(kept)")
        let gaps = try yard.sqlite(
            yard.history,
            """
            SELECT count(*), max(hot.sequence) - min(hot.sequence) + 1 FROM hot JOIN scan_group ON scan_group.id = scan_group
            WHERE scan_group.name = '@line/P'
            """)
        let counts = gaps.split(separator: "|")
        #expect(counts.count == 2 && counts[0] == counts[1], "numbered without a gap: \(gaps)")
    }
}
