import FoundationEssentials
import Glibc
import PlantConfiguration

/// Whom the installed unit lets a daemon with some configuration speak to. A host that it does not name looks like one
/// that does not answer in time, and nobody who sees that thinks of the unit.
///
/// It reads the files that people and `cupel systemd-dropin` write; what systemd made of them may be older.
struct InstalledFence {
    let unit: String
    private var denied: [AddressRange] = []
    private var allowed: [AddressRange] = []
    /// A file of it cannot be read by this user, so nothing can be said.
    private var isHidden = false

    /// - Parameters:
    ///   - configuration: the directory, `/etc/cupel` or one below it, or the file in it.
    ///   - root: where the files are looked for.
    /// - Returns: `nil` when no unit is installed for it.
    init?(configuration: String, root: String = "") {
        var parts = URL(filePath: configuration).standardized.path.split(separator: "/")
        if parts.last == "cupel.yaml" { parts.removeLast() }
        guard parts.starts(with: ["etc", "cupel"]), parts.count <= 3 else { return nil }
        let instance = parts.count == 3 ? "@\(parts[2])" : ""
        unit = "cupel\(instance).service"
        let template = instance.isEmpty ? unit : "cupel@.service"
        // A file of /etc takes the place of one with the same name in /lib (systemd.unit(5)).
        let folders: [String] = [
            "/etc/systemd/system.control", "/run/systemd/system.control", "/etc/systemd/system", "/run/systemd/system",
            "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
        ].map { root + $0 }
        let files: [String] = folders.map { "\($0)/\(template)" }
        guard let file = files.first(where: { access($0, F_OK) == 0 }) else { return nil }
        var dropIns: [String: String] = [:]
        for name in ["service", template, unit] {
            for folder in folders.reversed() {
                let path = "\(folder)/\(name).d"
                guard access(path, F_OK) == 0 else { continue }
                guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
                    isHidden = true
                    continue
                }
                for each in names where each.hasSuffix(".conf") { dropIns[each] = "\(path)/\(each)" }
            }
        }
        for path in [file] + dropIns.sorted(by: { $0.key < $1.key }).map(\.value) {
            if let text = try? String(contentsOfFile: path, encoding: .utf8) { take(text) } else { isHidden = true }
        }
    }

    /// The lines of systemd.syntax(7) that matter here.
    private mutating func take(_ text: String) {
        var isService = false
        var lines: [String] = []
        var isContinued = false
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            // Also one between a line and its continuation.
            if words.hasPrefix("#") || words.hasPrefix(";") { continue }
            if isContinued, let last = lines.popLast() { lines.append("\(last) \(words)") } else { lines.append(words) }
            isContinued = words.hasSuffix("\\")
            if isContinued { lines[lines.count - 1].removeLast() }
        }
        for line in lines {
            if line.hasPrefix("[") { isService = line == "[Service]" }
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard isService, parts.count == 2 else { continue }
            let words = parts[1].split(separator: " ")
            let ranges = words.flatMap(AddressRange.named)
            // An empty one takes back those before it.
            switch parts[0].split(separator: " ").first {
            case "IPAddressDeny": denied = words.isEmpty ? [] : denied + ranges
            case "IPAddressAllow": allowed = words.isEmpty ? [] : allowed + ranges
            default: break
            }
        }
    }

    /// What it keeps the daemon from: a line for a person.
    func warnings(_ peers: [NetworkPeer]) -> [String] {
        guard !isHidden else { return [] }
        return peers.flatMap { peer in
            peer.addresses.filter { address in
                let address = address == "localhost" ? "127.0.0.1" : address
                return denied.contains { $0.contains(address) } && !allowed.contains { $0.contains(address) }
            }
            .map {
                """
                \(peer.users.joined(separator: ", ")): \(unit) does not let the daemon speak to \($0), which will look as \
                if nobody answered; `cupel systemd-dropin --help` has the way
                """
            }
        }
    }
}

/// An address and how many of its bits count: systemd.resource-control(5).
struct AddressRange {
    private let bytes: [UInt8]
    private let bits: Int

    /// `192.0.2.0/24`, `2001:db8::1`; `nil` for what is none.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let bytes = AddressRange.bytes(String(parts[0])) else { return nil }
        let most = bytes.count * 8
        guard let bits = parts.count == 1 ? most : Int(parts[1]), (0...most).contains(bits) else { return nil }
        (self.bytes, self.bits) = (bytes, bits)
    }

    /// One of systemd's words, or an address.
    static func named(_ word: some StringProtocol) -> [AddressRange] {
        let texts: [String] =
            switch String(word) {
            case "any": ["0.0.0.0/0", "::/0"]
            case "localhost": ["127.0.0.0/8", "::1/128"]
            case "link-local": ["169.254.0.0/16", "fe80::/64"]
            case "multicast": ["224.0.0.0/4", "ff00::/8"]
            case let address: [address]
            }
        return texts.compactMap { AddressRange($0) }
    }

    func contains(_ address: String) -> Bool {
        guard let other = AddressRange.bytes(address), other.count == bytes.count else { return false }
        let difference = zip(bytes, other).map { $0 ^ $1 }
        return (0..<bits).allSatisfy { bit in difference[bit / 8] & (0x80 >> UInt8(bit % 8)) == 0 }
    }

    private static func bytes(_ address: String) -> [UInt8]? {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var raw = [UInt8](repeating: 0, count: count)
            if inet_pton(family, address, &raw) == 1 { return raw }
        }
        return nil
    }
}
