/// Frames as a packet capture that Wireshark reads.
///
/// A transport sees the stream and not the packets, so the headers are made up around the true bytes, addresses, ports
/// and times: a handshake where the connection was made, one segment a frame, an end where it ended. Beginnings that
/// the log has lost are left out. Ports are kept; one other than 502 has to be named, and by the dissector's own setting,
/// or it cannot tell requests from replies (4.0.17, tried): `tshark -r F-01.pcap -o mbtcp.tcp.port:5020`.
public enum Capture {
    /// A classic capture file with times in nanoseconds. Its packets begin with the IP header (LINKTYPE_RAW; link-layer
    /// types and both magic numbers: draft-ietf-opsawg-pcap and its registry).
    ///
    /// - Parameter frames: in the order of a log.
    public static func pcap(_ frames: [Frame]) -> [UInt8] {
        var file = ByteWriter()
        // Version 2.4, no correction of times, packets of any length, LINKTYPE_RAW.
        file.littleEndian(0xA1B2_3C4D as UInt32)
        file.littleEndian(2 as UInt16)
        file.littleEndian(4 as UInt16)
        for word: UInt32 in [0, 0, 65_535, 101] { file.littleEndian(word) }
        var conversations: [Int: Conversation] = [:]
        for frame in frames {
            let beginning = Conversation(frame.connection)
            for packet in conversations[frame.connection.number, default: beginning].packets(of: frame) {
                let (seconds, nanoseconds) = max(0, frame.utc).quotientAndRemainder(dividingBy: 1_000_000_000)
                file.littleEndian(UInt32(truncatingIfNeeded: seconds))
                file.littleEndian(UInt32(nanoseconds))
                file.littleEndian(UInt32(packet.count))
                file.littleEndian(UInt32(packet.count))
                file.bytes += packet
            }
        }
        return file.bytes
    }
}

/// One TCP connection, and how far each side of it has come.
private struct Conversation {
    private enum Flags {
        static let fin: UInt8 = 0x01
        static let syn: UInt8 = 0x02
        static let push: UInt8 = 0x08
        static let acknowledge: UInt8 = 0x10
    }

    private let connection: Frame.Connection
    /// The next sequence numbers. A connection whose beginning is lost starts where one with a beginning would.
    private var ours: UInt32 = 1
    private var theirs: UInt32 = 1

    init(_ connection: Frame.Connection) { self.connection = connection }

    mutating func packets(of frame: Frame) -> [[UInt8]] {
        switch frame.event {
        case .opened:
            (ours, theirs) = (0, 0)
            return [
                packet(outward: true, Flags.syn), packet(outward: false, Flags.syn | Flags.acknowledge),
                packet(outward: true, Flags.acknowledge),
            ]
        case .sent: return [packet(outward: true, Flags.push | Flags.acknowledge, frame.bytes)]
        case .received: return [packet(outward: false, Flags.push | Flags.acknowledge, frame.bytes)]
        case .closed:
            return [packet(outward: true, Flags.fin | Flags.acknowledge), packet(outward: false, Flags.acknowledge)]
        case .closedByPeer:
            return [packet(outward: false, Flags.fin | Flags.acknowledge), packet(outward: true, Flags.acknowledge)]
        }
    }

    private mutating func packet(outward: Bool, _ flags: UInt8, _ data: [UInt8] = []) -> [UInt8] {
        let (from, to) = outward ? (ours, theirs) : (theirs, ours)
        // A beginning and an end take a number each, as a byte would.
        let length = UInt32(data.count) + (flags & (Flags.syn | Flags.fin) == 0 ? 0 : 1)
        if outward { ours &+= length } else { theirs &+= length }
        let ports = outward ? (connection.localPort, connection.peerPort) : (connection.peerPort, connection.localPort)
        var segment = ByteWriter()
        segment.bigEndian(ports.0)
        segment.bigEndian(ports.1)
        segment.bigEndian(from)
        segment.bigEndian(flags & Flags.acknowledge == 0 ? 0 : to)
        // Five words of header, an open window, the checksum in bytes 16 and 17, nothing urgent (RFC 9293, section
        // 3.1).
        segment.bytes += [0x50, flags, 0xFF, 0xFF, 0, 0, 0, 0]
        segment.bytes += data
        return outward
            ? Packet(from: connection.localAddress, to: connection.peerAddress).around(segment.bytes)
            : Packet(from: connection.peerAddress, to: connection.localAddress).around(segment.bytes)
    }
}

/// The IP header in front of a segment, and both checksums.
private struct Packet {
    private static let tcp: UInt8 = 6
    private static let hopLimit: UInt8 = 64

    let from: IPAddress
    let to: IPAddress

    func around(_ segment: [UInt8]) -> [UInt8] {
        var segment = segment
        let addresses = isFour ? from.bytes + to.bytes : mapped(from) + mapped(to)
        // The pseudo-header's fields in the order of IPv6 (RFC 8200, section 8.1); a sum does not mind.
        var summed = ByteWriter(bytes: addresses)
        summed.bigEndian(UInt32(segment.count))
        summed.bigEndian(UInt32(Packet.tcp))
        Packet.insert(Packet.checksum(summed.bytes + segment), into: &segment, at: 16)
        var header = ByteWriter()
        if isFour {
            // Version 4, five words; may not be fragmented (RFC 791, section 3.1).
            header.bytes += [0x45, 0]
            header.bigEndian(UInt16(20 + segment.count))
            header.bytes += [0, 0, 0x40, 0, Packet.hopLimit, Packet.tcp, 0, 0]
            header.bytes += addresses
            Packet.insert(Packet.checksum(header.bytes), into: &header.bytes, at: 10)
        } else {
            header.bytes += [0x60, 0, 0, 0]
            header.bigEndian(UInt16(segment.count))
            header.bytes += [Packet.tcp, Packet.hopLimit]
            header.bytes += addresses
        }
        return header.bytes + segment
    }

    private var isFour: Bool { from.isFour && to.isFour }

    /// Sixteen bytes, also for an address that this side could not learn and holds as one of IPv4.
    private func mapped(_ address: IPAddress) -> [UInt8] {
        address.isFour ? Array(repeating: 0, count: 10) + [0xFF, 0xFF] + address.bytes : address.bytes
    }

    private static func insert(_ checksum: UInt16, into bytes: inout [UInt8], at place: Int) {
        bytes[place] = UInt8(checksum >> 8)
        bytes[place + 1] = UInt8(checksum & 0xFF)
    }

    /// RFC 1071.
    private static func checksum(_ bytes: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for place in stride(from: 0, to: bytes.count, by: 2) {
            sum += UInt32(bytes[place]) << 8 | (place + 1 < bytes.count ? UInt32(bytes[place + 1]) : 0)
        }
        while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
        return ~UInt16(sum)
    }
}

private struct ByteWriter {
    var bytes: [UInt8] = []

    mutating func bigEndian<Word: FixedWidthInteger>(_ word: Word) {
        withUnsafeBytes(of: word.bigEndian) { bytes += $0 }
    }

    mutating func littleEndian<Word: FixedWidthInteger>(_ word: Word) {
        withUnsafeBytes(of: word.littleEndian) { bytes += $0 }
    }
}
