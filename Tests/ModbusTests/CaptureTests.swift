import Foundation
import Plant
import TestSupport
import Testing

@testable import Modbus

@Suite struct CaptureTests {
    // MARK: As bytes

    @Test func anEmptyCaptureIsTheHeaderOfAFile() {
        #expect(
            Capture.pcap([]) == [
                0x4D, 0x3C, 0xB2, 0xA1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 101, 0, 0, 0,
            ])
    }

    @Test(arguments: ["10.0.0.1", "2001:db8::1"])
    func aConversationIsOneConnectionWithItsBytesInOrder(host: String) throws {
        let frames = try Self.conversation(host)
        let packets = try Packet.all(in: Capture.pcap(frames))
        #expect(packets.map(\.flags) == [0x02, 0x12, 0x10, 0x18, 0x18, 0x18, 0x18, 0x11, 0x10])
        #expect(packets.allSatisfy { $0.checksumsAreRight })
        #expect(packets.map { $0.nanoseconds - 1_700_000_000_000_000_000 } == [1, 1, 1, 2, 3, 4, 5, 6, 6])
        let (said, read) = (frames.map(\.bytes), packets.map(\.data))
        #expect(read.filter { $0 != [] } == said.filter { $0 != [] })
        // Each packet goes on where the last of its side ended, and acknowledges all of the other's.
        var next: [UInt16: UInt32] = [40_000: 0, 502: 0]
        for packet in packets {
            #expect(packet.sequence == next[packet.from])
            if packet.flags & 0x10 != 0 { #expect(packet.acknowledged == next[packet.to]) }
            next[packet.from, default: 0] += UInt32(packet.data.count) + (packet.flags & 0x03 == 0 ? 0 : 1)
        }
    }

    @Test func aConnectionWhoseBeginningIsLostHasNoHandshake() throws {
        let frames = try Array(Self.conversation("10.0.0.1")[2...])
        let packets = try Packet.all(in: Capture.pcap(frames))
        #expect(packets.map(\.flags) == [0x18, 0x18, 0x18, 0x11, 0x10])
        #expect(packets[0].sequence == 1 && packets[0].from == 502)
    }

    @Test func theEndIsSaidByTheSideThatEndedIt() throws {
        for (event, port) in [(Frame.Event.closed, UInt16(40_000)), (.closedByPeer, 502)] {
            let frame = Frame(event: event, monotonic: 0, utc: 0, connection: Self.connection("::1"), bytes: [])
            let packets = try Packet.all(in: Capture.pcap([frame]))
            #expect(packets.map(\.flags) == [0x11, 0x10])
            #expect(packets[0].from == port)
        }
    }

    // MARK: By an independent reader

    /// Where CUPEL_PYTHON has scapy; the Makefile sees to it.
    @Test(
        .enabled(if: Python.hasScapy, "CUPEL_PYTHON names no Python with scapy"),
        arguments: ["10.0.0.1", "2001:db8::1"])
    func scapyReadsWhatWasSaid(host: String) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "cupel-\(UUID().uuidString).pcap")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(Capture.pcap(try Self.conversation(host))).write(to: file)
        let script = try #require(Bundle.module.url(forResource: "Readers/read_capture", withExtension: "py"))
        let lines = try Python.run(script.path, file.path, "502").split(separator: "\n").map(String.init)
        let (here, there) = ("\(host):40000", "\(host.dropLast())2:502")
        #expect(
            lines == [
                "1700000000.000000001 \(here)>\(there) S 0 0 ok",
                "1700000000.000000001 \(there)>\(here) SA 0 1 ok",
                "1700000000.000000001 \(here)>\(there) A 1 1 ok",
                "1700000000.000000002 \(here)>\(there) PA 1 1 ok "
                    + "ReadHoldingRegisters transaction=258 unit=17 startAddr=10 quantity=2",
                "1700000000.000000003 \(there)>\(here) PA 1 13 ok "
                    + "ReadHoldingRegistersResponse transaction=258 unit=17 registerVal=57005,48879",
                "1700000000.000000004 \(here)>\(there) PA 13 14 ok "
                    + "ReadCoilsRequest transaction=259 unit=17 startAddr=0 quantity=9",
                "1700000000.000000005 \(there)>\(here) PA 14 25 ok "
                    + "ReadCoilsException transaction=259 unit=17 exceptCode=2",
                "1700000000.000000006 \(here)>\(there) FA 25 23 ok",
                "1700000000.000000006 \(there)>\(here) A 23 26 ok",
            ])
    }

    // MARK: -

    static func connection(_ host: String) -> Frame.Connection {
        let unknown = IPAddress(four: 0)
        return Frame.Connection(
            number: 1, local: (IPAddress(host) ?? unknown, port: 40_000),
            peer: (IPAddress("\(host.dropLast())2") ?? unknown, port: 502))
    }

    /// A read, a refusal, an end.
    static func conversation(_ host: String) throws -> [Frame] {
        let story: [(Frame.Event, [UInt8])] = [
            (.opened, []),
            (.sent, [1, 2, 0, 0, 0, 6, 17, 3, 0, 10, 0, 2]),
            (.received, [1, 2, 0, 0, 0, 7, 17, 3, 4, 0xDE, 0xAD, 0xBE, 0xEF]),
            (.sent, [1, 3, 0, 0, 0, 6, 17, 1, 0, 0, 0, 9]),
            (.received, [1, 3, 0, 0, 0, 3, 17, 0x81, 2]),
            (.closed, []),
        ]
        return story.enumerated().map { index, part in
            Frame(
                event: part.0, monotonic: Int64(index), utc: 1_700_000_000_000_000_001 + Int64(index),
                connection: connection(host), bytes: part.1)
        }
    }
}

/// A packet of a capture, read by its formats alone.
private struct Packet {
    let nanoseconds: Int64
    let from: UInt16
    let to: UInt16
    let sequence: UInt32
    let acknowledged: UInt32
    let flags: UInt8
    let data: [UInt8]
    let checksumsAreRight: Bool

    static func all(in file: [UInt8]) throws -> [Packet] {
        var packets: [Packet] = []
        var place = 24
        while place < file.count {
            let little = { (at: Int) in (0..<4).reduce(0) { $0 | Int(file[place + at + $1]) << (8 * $1) } }
            let length = little(8)
            #expect(little(12) == length)
            let bytes = Array(file[(place + 16)..<(place + 16 + length)])
            packets.append(try Packet(bytes, nanoseconds: Int64(little(0)) * 1_000_000_000 + Int64(little(4))))
            place += 16 + length
        }
        #expect(place == file.count)
        return packets
    }

    private init(_ bytes: [UInt8], nanoseconds: Int64) throws {
        let word = { (at: Int) in UInt16(bytes[at]) << 8 | UInt16(bytes[at + 1]) }
        let isFour = bytes[0] == 0x45
        try #require(isFour || bytes[0] == 0x60)
        let header = isFour ? 20 : 40
        let segment = Array(bytes[header...])
        let length = isFour ? Int(word(2)) == bytes.count : Int(word(4)) == segment.count
        let proto = isFour ? bytes[9] : bytes[6]
        let addresses = isFour ? bytes[12..<20] : bytes[8..<40]
        // A sum that includes a right checksum is all ones (RFC 1071).
        let pseudo = Array(addresses) + [0, 6, UInt8(segment.count >> 8), UInt8(segment.count & 0xFF)]
        checksumsAreRight =
            length && proto == 6 && (!isFour || Self.sum(Array(bytes[..<20])) == 0xFFFF)
            && Self.sum(pseudo + segment) == 0xFFFF
        let long = { (at: Int) in UInt32(word(at)) << 16 | UInt32(word(at + 2)) }
        (from, to, sequence, acknowledged) = (word(header), word(header + 2), long(header + 4), long(header + 8))
        #expect(segment[12] == 0x50)
        (flags, data, self.nanoseconds) = (segment[13], Array(segment[20...]), nanoseconds)
    }

    private static func sum(_ bytes: [UInt8]) -> Int {
        let padded = bytes.count % 2 == 0 ? bytes : bytes + [0]
        var sum = stride(from: 0, to: padded.count, by: 2).reduce(0) { $0 + Int(padded[$1]) << 8 + Int(padded[$1 + 1]) }
        while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
        return sum
    }
}

/// The Python that the tests may use as an independent reader.
enum Python {
    struct Failure: Error { let text: String }

    private static let path = ProcessInfo.processInfo.environment["CUPEL_PYTHON"]
    static let hasScapy = (try? run("-c", "import scapy.contrib.modbus")) != nil

    static func run(_ arguments: String...) throws -> String {
        guard let path else { throw Failure(text: "CUPEL_PYTHON is not set") }
        let result = try Program(path, arguments).exit()
        guard result.status == 0 else { throw Failure(text: result.output + result.errors) }
        return result.output
    }
}
