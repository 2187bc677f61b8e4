import Foundation
import Plant
import TestSupport
import Testing

@testable import Annunciation

/// What the collector in Python got.
private struct Heard: Decodable {
    var connection: Int?
    var message: String?
    /// Bytes of a message that was not whole when the connection ended.
    var left: Int?
    var torn: String?
    var closed: Int?
}

private func outlet(
    _ port: Int, tls: Bool = false, caFile: String? = nil, limits: TransferLimits = .patient
) -> SyslogOutlet {
    SyslogOutlet(
        settings: SyslogSettings(server: ServerAddress(host: "127.0.0.1", port: port), tls: tls, caFile: caFile),
        host: "edge-1", limits: limits)
}

@Suite struct SyslogOutletTests {
    /// Debian's own collector reads what is sent.
    @Test func rsyslogUnderstandsEveryMessage() throws {
        let collector = try Rsyslog()
        let outlet = outlet(collector.port)
        var fields = AlarmLine.sampleFields
        fields[.tag] = "a \"quoted\" ] back\\slash \u{b0}"
        let delivery = outlet.send([
            .sample(7, text: "one \u{b0}C\nand more\n", fields: fields), .sample(8, text: "two\n", severity: 1),
        ])
        #expect(delivery.taken == 2 && delivery.trouble == nil && delivery.answer == "2 messages written")
        #expect(outlet.send([.sample(0, kind: .test, text: "three\n", severity: 9, fields: [:])]).taken == 1)
        let messages = try collector.messages(3)
        // rsyslog leaves the byte order mark where it is.
        #expect(messages.allSatisfy { $0.text.unicodeScalars.first == "\u{feff}" })
        #expect(messages.map { $0.text.trimmingPrefix("\u{feff}") } == ["one \u{b0}C and more", "two", "three"])
        #expect(messages.map(\.priority) == ["130", "129", "135"])
        #expect(messages.map(\.name) == ["raise", "raise", "-"])
        #expect(messages.allSatisfy { $0.host == "edge-1" && $0.program == "cupel" && $0.process == "\(getpid())" })
        #expect(messages[0].time == "2026-01-03T10:00:00.123Z")
        #expect(
            messages[0].data == """
                [alarm@32473 id="F-01.melt_temp" occ="12" rev="3" boot="b1" what="raise" state="UNACK" \
                priority="high" tag="a \\"quoted\\" \\] back\\\\slash \u{b0}"][meta sequenceId="1"]
                """)
        #expect(messages[2].data == "[meta sequenceId=\"3\"]")
    }

    @Test func aLongMessageIsCutWhereCollectorsWouldCutIt() {
        let text = String(repeating: "\u{20ac}", count: 5000)
        let bytes = SyslogMessage(line: .sample(text: text), host: "h", process: 1, number: 1).bytes
        let frame = bytes.split(separator: UInt8(ascii: " "), maxSplits: 1)
        #expect(frame.count == 2 && Int(String(decoding: frame[0], as: UTF8.self)) == frame[1].count)
        #expect(frame[1].count <= SyslogMessage.limit && frame[1].count > SyslogMessage.limit - 3)
        #expect(String(validating: frame[1], as: UTF8.self) != nil)
        let fields = Dictionary(
            uniqueKeysWithValues: AlarmField.allCases.map { ($0, String(repeating: "\"", count: 4096)) })
        let full = SyslogMessage(line: .sample(fields: fields), host: text, process: 1, number: 1).bytes
        #expect(String(decoding: full, as: UTF8.self).hasSuffix("1500"))
        #expect(full.count <= SyslogMessage.limit + 5)
    }

    @Test func aCollectorThatComesBackIsFoundAgain() throws {
        let collector = try PostServer("collector")
        collector.program.send("read")
        let outlet = outlet(collector.port)
        #expect(outlet.send([.sample(1, text: "one\n")]).taken == 1)
        #expect(try collector.next(Heard.self).message?.hasSuffix("one") == true)
        collector.program.send("close")
        _ = try collector.program.line { $0.contains("closed") }
        // Its end of the connection has been closed before it says so; without a look, the line would be lost.
        #expect(outlet.send([.sample(2, text: "two\n")]).taken == 1)
        let second = try JSONDecoder().decode(
            Heard.self, from: Data(try collector.program.line { $0.contains("message") }.utf8))
        #expect(second.connection == 2 && second.message?.hasSuffix("two") == true)
    }

    @Test func oneConnectionCarriesAllLines() throws {
        let collector = try PostServer("collector")
        collector.program.send("read")
        let outlet = outlet(collector.port)
        for sequence in 1...3 { #expect(outlet.send([.sample(Int64(sequence))]).taken == 1) }
        let heard = try (0..<3).map { _ in try collector.next(Heard.self) }
        #expect(heard.map(\.connection) == [1, 1, 1])
        #expect(heard.enumerated().allSatisfy { $1.message?.contains("sequenceId=\"\($0 + 1)\"") ?? false })
    }

    /// A message that was cut in two by a collector that stopped reading must not spoil those that follow.
    @Test(arguments: [false, true])
    func aMessageThatWasCutComesWholeOnANewConnection(_ tls: Bool) throws {
        let certificate = tls ? try PostCertificate() : nil
        let collector = try PostServer("collector", certificate.map { [$0.certificate, $0.key] } ?? [])
        let limits = TransferLimits(connect: .seconds(60), total: .milliseconds(200))
        let outlet = outlet(
            collector.port, tls: tls, caFile: certificate?.certificate, limits: limits)
        let text = String(repeating: "long ", count: 1500)
        var taken = 0
        var last = Delivery(taken: 0)
        while taken < 50_000, last.trouble == nil {
            last = outlet.send((0..<100).map { .sample(Int64(taken + $0 + 1), text: text) })
            taken += last.taken
        }
        #expect(
            last.trouble == .unavailable("127.0.0.1:\(collector.port): the collector reads nothing for 0.2 seconds"))
        collector.program.send("read")
        #expect(outlet.send([.sample(0, text: "afterwards\n")]).taken == 1)
        var whole = 0
        var isWhole = false
        while !isWhole {
            let heard = try collector.next(Heard.self)
            #expect(heard.torn == nil)
            if heard.message?.hasSuffix("afterwards") == true {
                #expect(heard.connection == 2)
                isWhole = true
            } else if heard.message != nil {
                whole += 1
            }
        }
        #expect(whole <= taken)
    }

    @Test func aCollectorIsBelievedOnlyWithACertificateThatIsTrusted() throws {
        let certificate = try PostCertificate()
        let collector = try PostServer("collector", [certificate.certificate, certificate.key])
        collector.program.send("read")
        let outlet = outlet(collector.port, tls: true, caFile: certificate.certificate)
        #expect(outlet.send([.sample(1), .sample(2)]).taken == 2)
        #expect(try collector.next(Heard.self).message != nil)
        let stranger = Annunciation.SyslogOutlet(
            settings: SyslogSettings(server: ServerAddress(host: "127.0.0.1", port: collector.port), tls: true),
            host: "h")
        let delivery = stranger.send([.sample()])
        #expect(delivery.isUnavailable && delivery.reason.contains("certificate"))
    }

    @Test func aCollectorThatTalksIsLeft() throws {
        let collector = try PostServer("collector")
        collector.program.send("read")
        let outlet = outlet(collector.port)
        #expect(outlet.send([.sample(1)]).taken == 1)
        _ = try collector.next(Heard.self)
        collector.program.send("chatter")
        var connection: Int?
        for sequence in 2...100 where connection != 2 {
            #expect(outlet.send([.sample(Int64(sequence))]).taken == 1)
            connection = try JSONDecoder().decode(
                Heard.self, from: Data(try collector.program.line { $0.contains("message") }.utf8)
            ).connection
        }
    }

    @Test func nobodyThereIsTriedAgain() {
        let outlet = outlet(1)
        #expect(!outlet.acknowledges && !outlet.takesHeartbeats && outlet.batchLimit == 100)
        #expect(outlet.send([.sample()]).trouble == .unavailable("127.0.0.1:1: connection refused"))
    }

    @Test func aStopEndsASendThatWaitsForAReader() throws {
        let collector = try PostServer("collector")
        let outlet = outlet(collector.port, limits: TransferLimits(connect: .seconds(60), total: .seconds(600)))
        let text = String(repeating: "long ", count: 1500)
        let lines = (1...20_000).map { AlarmLine.sample(Int64($0), text: text) }
        let delivery = try outlet.interrupted(sending: lines) {
            var before = 0
            _ = try eventually("a full connection") {
                let now = try unread(from: collector.port)
                defer { before = now }
                return now > 0 && now == before ? true : nil
            }
        }
        #expect(delivery.trouble == .unavailable("the daemon is stopping"))
        #expect(outlet.send([.sample()]) == .unavailable("the daemon is stopping"))
    }
}

/// Bytes that wait for whoever listens at a port, as /proc/net/tcp tells.
private func unread(from port: Int) throws -> Int {
    // Not Foundation's reader: it takes the first page of what says that it has no size for all.
    let table = try Program("/bin/cat", ["/proc/net/tcp"]).exit().output
    let hexadecimal = String(port, radix: 16, uppercase: true)
    let far = ":" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
    return table.split(separator: "\n").map { $0.split(separator: " ") }
        .filter { $0.count > 4 && $0[2].hasSuffix(far) }
        .compactMap { Int($0[4].prefix { $0 != ":" }, radix: 16) }.max() ?? 0
}

/// Debian's rsyslogd on a port of its own, with its files in a directory of the test.
private struct Rsyslog {
    struct Message: Decodable {
        let priority: String
        let time: String
        let host: String
        let program: String
        let process: String
        let name: String
        let data: String
        let text: String
    }

    let scratch: PostScratch
    let program: Program
    let port: Int
    private var log: String { scratch.path + "/messages" }

    init() throws {
        scratch = try PostScratch()
        let properties = [
            ("priority", "pri"), ("time", "timestamp\" dateFormat=\"rfc3339"), ("host", "hostname"),
            ("program", "app-name"), ("process", "procid"), ("name", "msgid"), ("data", "structured-data"),
            ("text", "msg"),
        ]
        let list = properties.map {
            "property(outname=\"\($0)\" name=\"\($1)\" format=\"jsonf\")"
        }.joined(separator: " constant(value=\",\") ")
        try """
        global(workDirectory="\(scratch.path)" maxMessageSize="64k")
        module(load="imtcp")
        input(type="imtcp" address="127.0.0.1" port="0" listenPortFileName="\(scratch.path)/port")
        template(name="all" type="list") { constant(value="{") \(list) constant(value="}\\n") }
        action(type="omfile" file="\(scratch.path)/messages" template="all")

        """.write(toFile: scratch.path + "/conf", atomically: true, encoding: .utf8)
        let path = scratch.path
        program = try Program(
            "/usr/sbin/rsyslogd", ["-n", "-f", path + "/conf", "-i", path + "/pid"])
        port = try eventually("rsyslogd's port") {
            (try? String(contentsOfFile: path + "/port", encoding: .utf8)).flatMap {
                Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
            }
        }
    }

    func messages(_ count: Int) throws -> [Message] {
        try eventually("\(count) messages in rsyslogd's file") {
            let lines = ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").split(separator: "\n")
            guard lines.count >= count else { return nil }
            return try lines.map { try JSONDecoder().decode(Message.self, from: Data($0.utf8)) }
        }
    }
}
