import Foundation
import TestSupport
import Testing

/// Register maps of real instruments, served by pymodbus and read by the built daemon: what the history returns equals
/// what the server was told to serve, bit for bit.
@Suite(.serialized)
struct RealMapsTests {
    /// A tag, the words it is served as, and what the history must say.
    struct Point {
        let tag: String
        let yaml: String
        let address: Int
        let words: [UInt16]
        let expected: String
    }

    static func words(_ value: Float, lowWordFirst: Bool) -> [UInt16] {
        let high = UInt16(truncatingIfNeeded: value.bitPattern >> 16)
        let low = UInt16(truncatingIfNeeded: value.bitPattern)
        return lowWordFirst ? [low, high] : [high, low]
    }

    static func float(_ tag: String, _ address: Int, _ value: Float, _ order: String, _ more: String = "") -> Point {
        Point(
            tag: tag, yaml: "type: float32, order: \(order)\(more)", address: address,
            words: words(value, lowWordFirst: order == "cdab"), expected: value.description)
    }

    /// Eurotherm 3504, IEEE region 0x8000 + 2a, high word first (HA026230 section 6; DiamondLightSource
    /// eurothermModbus 12ef339).
    static let eurotherm3504 = [
        float("pv", 0x8002, 1450.1, "abcd", ", unit: degC"),
        float("target_sp", 0x8004, -0.1, "abcd", ", unit: degC"),
        float("working_sp", 0x800A, 1.1754944e-38, "abcd", ", unit: degC"),
        Point(tag: "pv_int", yaml: "type: int16, scale: 0.1", address: 1, words: [0xFFFE], expected: "-0.2"),
    ]

    /// Vaisala DMT340, low word first, NaN while not available (M210704EN-F, table 36).
    static let vaisalaDMT340 = [
        float("rh", 0, 0.1, "cdab", ", unit: '%'"),
        float("t", 2, -71.3, "cdab", ", unit: degC"),
        float("td", 6, 3.4028235e38, "cdab"),
        float("h2o", 20, 16777216, "cdab", ", unit: ppm"),
        Point(tag: "tdf", yaml: "type: float32, order: cdab", address: 8, words: [0x0000, 0x7FC0], expected: ""),
    ]

    /// Omron E5CC: process value in tenths, and the 32-bit status at 0x0002 with the input error in bit 6 of its low
    /// word (H175 sections 3-2 and 5-1).
    static let omronE5CC = [
        Point(
            tag: "pv", yaml: "type: int16, scale: 0.1, unit: degC", address: 0x2000, words: [0x38A5], expected: "1450.1"
        ),
        Point(tag: "mv", yaml: "type: int16, scale: 0.1, unit: '%'", address: 0x2004, words: [0xFFCE], expected: "-5"),
        Point(
            tag: "status", yaml: "type: uint32, order: abcd", address: 2, words: [0x0100, 0x1040], expected: "16781376"),
    ]

    @Test(arguments: [("3504", eurotherm3504), ("dmt340", vaisalaDMT340), ("e5cc", omronE5CC)])
    func historyEqualsWhatWasServed(model: String, points: [Point]) throws {
        let server = try PymodbusServer(
            points.map {
                "words holding \($0.address) " + $0.words.map { String($0, radix: 16) }.joined(separator: " ")
            })
        let bits =
            model == "e5cc" ? "      - {name: input_error, register: \"holding:3.6\", type: bool, scan: fast}\n" : ""
        let yard = try Plantyard(
            """
            plant: {name: Test, site: T, time_zone: UTC}
            history: {commit_every: 100ms}
            scan: {fast: 100ms}
            controllers:
              - name: X
                address: 127.0.0.1:\(server.port)
                unit: 1
                tags:

            """
                + points.map {
                    "      - {name: \($0.tag), register: \"holding:\($0.address)\", \($0.yaml), scan: fast}\n"
                }.joined() + bits)
        let daemon = try yard.daemon()
        _ = try eventually("ten scans in the history") {
            let count = try yard.sqlite(yard.history, "SELECT count(*) FROM hot WHERE v <> '[]'")
            return (Int(count) ?? 0) >= 10 ? true : nil
        }
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)

        for point in points {
            let csv = try yard.cupel("query", "X.\(point.tag)", "--from", "-1h", "--format", "csv")
            #expect(csv.status == 0)
            let rows = csv.output.split(separator: "\n").dropFirst().map {
                $0.split(separator: ",", omittingEmptySubsequences: false)
            }
            #expect(rows.count >= 10)
            for row in rows {
                #expect(row[1] == "X.\(point.tag)")
                #expect(row[2] == point.expected)
                #expect(row[4] == (point.expected.isEmpty ? "bad:not-a-number" : "good"))
            }
        }
        if !bits.isEmpty {
            let bit = try yard.sqlite(
                yard.history, "SELECT DISTINCT value, quality FROM recent WHERE tag = 'X.input_error'")
            #expect(bit == "1|good")
        }
    }
}

extension RealMapsTests.Point: CustomStringConvertible {
    var description: String { tag }
}
