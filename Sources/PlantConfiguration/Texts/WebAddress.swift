/// An address of the web, as far as a configuration can be wrong about it. What is wrong is said without quoting the
/// address: its path or its user may be a secret.
struct WebAddress {
    static let configurationForm = "an address such as https://ops.example/alarms"

    let url: String
    let isSecure: Bool
    /// It holds a user, and perhaps a password.
    let hasUser: Bool
    /// A name or an IP address; IPv6 without brackets.
    let host: String

    init(configured text: String) throws(Expected) {
        let form = Self.configurationForm
        guard let scheme = ["http://", "https://"].first(where: text.hasPrefix) else {
            throw Expected(form, found: text.contains("@") ? "another beginning" : nil)
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Expected(form, found: "spaces or other characters that no address has")
        }
        let authority = text.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
        let place = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        (url, isSecure, hasUser) = (text, scheme == "https://", place.count < authority.count)
        let end: Substring.Index
        if place.hasPrefix("[") {
            guard let bracket = place.firstIndex(of: "]"),
                let address = ipAddress(String(place[..<bracket].dropFirst()), family: .v6)
            else { throw Expected("an IPv6 address in the brackets", found: "no such address") }
            host = address
            end = place.index(after: bracket)
        } else {
            end = place.firstIndex(of: ":") ?? place.endIndex
            host = place[..<end].lowercased()
            guard !host.isEmpty else { throw Expected(form, found: "an address without a host") }
            guard host.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || "-._".contains($0) }) else {
                throw Expected(form, found: "a host with characters that none has")
            }
        }
        guard end < place.endIndex else { return }
        let digits = place[end...].dropFirst()
        guard place[end] == ":", !digits.isEmpty, digits.allSatisfy(\.isASCIIDigit) else {
            throw Expected(
                "a port behind the host, or none; / ? # and @ of a user or password are written %2F %3F %23 %40",
                found: "something that is no port")
        }
        guard let port = Int(digits), (1...65_535).contains(port) else {
            throw Expected("a port from 1 to 65535", found: "port \(digits.prefix(20))")
        }
    }
}

extension String {
    /// Whether a host is this machine, whichever way it is written.
    var isThisMachine: Bool { canonicalHost == "localhost" }

    /// One text for all that lead to the same host for certain.
    var canonicalHost: String {
        var name = lowercased()
        if name.hasSuffix(".") { name.removeLast() }
        if name == "localhost" || name.hasSuffix(".localhost") { return "localhost" }
        if let address = ipAddress(name, family: .v4) { return address.hasPrefix("127.") ? "localhost" : address }
        guard let address = ipAddress(name, family: .v6) else { return name }
        return address == "::1" || address.hasPrefix("::ffff:127.") ? "localhost" : address
    }
}
