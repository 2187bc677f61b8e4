import Glibc

/// An address of IPv4 or IPv6 in sixteen bytes, without a reference, so that a log of frames can hold it in place. IPv4
/// is held as IPv6 maps it (RFC 4291, section 2.5.5.2).
struct IPAddress: Hashable, Sendable, BitwiseCopyable {
    private let high: UInt64
    private let low: UInt64

    private static let mappedPrefix: UInt64 = 0xFFFF

    init(four: UInt32) { (high, low) = (0, IPAddress.mappedPrefix << 32 | UInt64(four)) }

    /// - Precondition: sixteen bytes, in the network's order.
    init(six: some Sequence<UInt8>) {
        var words: (high: UInt64, low: UInt64) = (0, 0)
        for byte in six { words = (words.high << 8 | words.low >> 56, words.low << 8 | UInt64(byte)) }
        (high, low) = words
    }

    /// - Returns: nil for anything but a literal address.
    init?(_ text: String) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            self.init(four: UInt32(bigEndian: four.s_addr))
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            self = withUnsafeBytes(of: six) { IPAddress(six: $0) }
        } else {
            return nil
        }
    }

    var isFour: Bool { high == 0 && low >> 32 == IPAddress.mappedPrefix }

    /// Four or sixteen, in the network's order.
    var bytes: [UInt8] {
        let all = [high, low].flatMap { word in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt64($0)) }
        }
        return isFour ? Array(all[12...]) : all
    }
}

extension IPAddress: CustomStringConvertible {
    var description: String {
        if isFour { return bytes.map(String.init).joined(separator: ".") }
        let bytes = self.bytes
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(AF_INET6, bytes, &text, socklen_t(text.count)) != nil else { return "::" }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

extension IPAddress {
    /// This side of a connected socket.
    ///
    /// - Returns: nil when the system does not tell.
    static func local(of socket: CInt) -> (IPAddress, port: UInt16)? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
        }
        guard code == 0 else { return nil }
        return withUnsafeBytes(of: storage) { bytes in
            switch CInt(storage.ss_family) {
            case AF_INET:
                let name = bytes.load(as: sockaddr_in.self)
                return (IPAddress(four: UInt32(bigEndian: name.sin_addr.s_addr)), UInt16(bigEndian: name.sin_port))
            case AF_INET6:
                let name = bytes.load(as: sockaddr_in6.self)
                let address = withUnsafeBytes(of: name.sin6_addr) { IPAddress(six: $0) }
                return (address, UInt16(bigEndian: name.sin6_port))
            default: return nil
            }
        }
    }
}
