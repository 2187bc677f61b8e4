import Glibc
import Plant

extension Endpoint {
    static let configurationForm = "HOST:PORT such as 192.168.1.20:502 or [fd00::20]:502"

    /// `HOST:PORT`, where an IPv6 host is in brackets. The outcome holds an IP address in its shortest form, so that
    /// two ways to write one address are equal.
    init(configured text: String, ports: ClosedRange<Int>, resolve: HostResolver) throws(Expected) {
        guard let colon = text.lastIndex(of: ":") else { throw Expected(Self.configurationForm) }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.allSatisfy(\.isASCIIDigit) else { throw Expected(Self.configurationForm) }
        guard let port = Int(digits), ports.contains(port) else {
            throw Expected("a port from \(ports.lowerBound) to \(ports.upperBound)", found: "port \(digits)")
        }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            let inner = String(host.dropFirst().dropLast())
            guard let address = ipAddress(inner, family: .v6) else {
                throw Expected("an IPv6 address in the brackets", found: inner.quoted)
            }
            self.init(host: address, port: UInt16(port))
            return
        }
        guard !host.isEmpty, !host.contains(":") else { throw Expected(Self.configurationForm) }
        if let address = ipAddress(String(host), family: .v4) {
            self.init(host: address, port: UInt16(port))
            return
        }
        // Resolvers read 10.1 as 10.0.0.1; nobody who writes it means that.
        guard !host.allSatisfy({ $0.isASCIIDigit || $0 == "." }) else {
            throw Expected("an IPv4 address of four numbers from 0 to 255", found: String(host).quoted)
        }
        guard host.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || "-._".contains($0) }) else {
            throw Expected(Self.configurationForm)
        }
        self.init(host: try resolve(String(host)), port: UInt16(port))
    }
}

enum AddressFamily {
    case v4, v6

    fileprivate var rawValue: CInt { self == .v4 ? AF_INET : AF_INET6 }
}

/// The shortest text of an IP address; `nil` when it is none.
func ipAddress(_ text: String, family: AddressFamily) -> String? {
    var raw = in6_addr()
    var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    guard inet_pton(family.rawValue, text, &raw) == 1 else { return nil }
    guard inet_ntop(family.rawValue, &raw, &buffer, socklen_t(buffer.count)) != nil else { return nil }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// Asks the system, which may ask the network and so take its resolver's timeout; the first answer is taken.
func resolveHost(_ name: String) throws(Expected) -> String {
    var hints = addrinfo()
    hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
    var answer: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(name, nil, &hints, &answer)
    defer { if let answer { freeaddrinfo(answer) } }
    guard code == 0, let answer else {
        throw Expected(
            "an IP address or a host name that resolves (\(String(cString: gai_strerror(code))))", found: name.quoted)
    }
    guard let address = numericHost(answer.pointee) else {
        throw Expected("a host name with an IP address", found: name.quoted)
    }
    return address
}

/// The text of an address that the system found.
func numericHost(_ info: addrinfo) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    guard getnameinfo(info.ai_addr, info.ai_addrlen, &buffer, socklen_t(buffer.count), nil, 0, NI_NUMERICHOST) == 0
    else { return nil }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
