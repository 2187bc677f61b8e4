/// A name with `*` for any run of characters: `F-*.melt_temp`, `*.purity`.
///
/// As a shell's `*` leaves dotfiles alone, one at the front leaves names alone that begin with `@`: Cupel's own figures
/// are not swept up with the plant's tags. `@*` matches them.
public struct NamePattern: Hashable, Sendable {
    public let text: String
    private let parts: [Substring]

    public init(_ text: String) {
        self.text = text
        parts = text.split(separator: "*", omittingEmptySubsequences: false)
    }

    /// True when the pattern has a wildcard.
    public var isWild: Bool { parts.count > 1 }

    public func matches(_ name: some StringProtocol) -> Bool { captures(name) != nil }

    /// What each `*` stood for, shortest first from the left; `nil` when the name does not match.
    public func captures(_ name: some StringProtocol) -> [String]? {
        guard parts.count > 1 else { return name == text ? [] : nil }
        if parts[0].isEmpty, name.hasPrefix("@") { return nil }
        guard name.hasPrefix(parts[0]), name.hasSuffix(parts[parts.count - 1]) else { return nil }
        let rest = Substring(name.dropFirst(parts[0].count))
        guard rest.count >= parts[parts.count - 1].count else { return nil }
        var tail = rest.dropLast(parts[parts.count - 1].count)
        var found: [String] = []
        for part in parts[1..<(parts.count - 1)] {
            guard let hit = tail.firstRange(ofText: part) else { return nil }
            found.append(String(tail[..<hit.lowerBound]))
            tail = tail[hit.upperBound...]
        }
        found.append(String(tail))
        return found
    }

    /// The pattern with its wildcards filled in, in order. `nil` when there are more wildcards than captures.
    public func filled(with captures: [String]) -> String? {
        guard parts.count - 1 <= captures.count else { return nil }
        var name = String(parts[0])
        for (capture, part) in zip(captures, parts.dropFirst()) { name += capture + part }
        return name
    }
}

extension Substring {
    fileprivate func firstRange(ofText part: Substring) -> Range<Index>? {
        if part.isEmpty { return startIndex..<startIndex }
        var at = startIndex
        while at < endIndex {
            if self[at...].hasPrefix(part) { return at..<index(at, offsetBy: part.count) }
            at = index(after: at)
        }
        return nil
    }
}
