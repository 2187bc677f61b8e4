import Yams

/// The keys a section may have. An enumeration for each section, so that the code cannot ask for a key that the files
/// may not write, nor the files write one that the code does not read. What people must know of each key is said by the
/// enumeration too (folder *Reference*), so that there is no key without it.
protocol SectionKey: Hashable, Sendable, CaseIterable, RawRepresentable where RawValue == String {
    /// What is said of the section as a whole.
    static var about: SectionAbout { get }
    /// Which keys need or exclude each other.
    static var rules: [KeyRule<Self>] { get }
    /// What may stand behind the key, and what it does.
    var reference: KeyReference { get }
}

extension SectionKey {
    static var rules: [KeyRule<Self>] { [] }
}

/// A mapping with a closed set of keys.
struct Section<Key: SectionKey> {
    let place: Place
    private let values: [Key: Value]
    private let findings: Findings

    /// Reports the keys it does not know and those that come twice.
    init?(_ value: Value, expected: String) {
        guard let entries = value.entries(expected) else { return nil }
        place = value.place
        findings = value.document.findings
        var values: [Key: Value] = [:]
        for entry in entries {
            guard let key = Key(rawValue: entry.key) else {
                let known = Key.allCases.map(\.rawValue)
                let hint =
                    entry.key.nearest(of: known).map { "did you mean \($0.quoted)?" }
                    ?? "expected \(known.asChoice)"
                findings.report("found unknown key \(entry.key.quoted), \(hint)", at: entry.place)
                continue
            }
            values[key] = entry.value
        }
        self.values = values
    }

    /// A row of a table, whose columns are keys already.
    init(_ values: [Key: Value], at place: Place, findings: Findings) {
        (self.values, self.place, self.findings) = (values, place, findings)
    }

    subscript(key: Key) -> Value? { values[key] }

    /// Reports a key that is not there.
    func required(_ key: Key, _ expected: String) -> Value? {
        if let value = values[key] { return value }
        findings.report("\(key.rawValue): missing, expected \(expected)", at: place)
        return nil
    }

    func contains(_ key: Key) -> Bool { values[key] != nil }

    /// The value, or the default when the key is absent, and also when it is wrong: that is reported, so the outcome of
    /// the reading is an error already, and the default only keeps further faults from being hidden.
    func read<Result>(_ key: Key, default fallback: Result, _ read: (Value) -> Result?) -> Result {
        values[key].flatMap(read) ?? fallback
    }
}

/// Whether a key is there, but was not understood: what reading it gave, of a key that need not be there.
func isFaulty<Result>(_ result: Result??) -> Bool {
    if case .some(nil) = result { true } else { false }
}

extension Value {
    struct Entry {
        let key: String
        let place: Place
        let value: Value
    }

    func section<Key: SectionKey>(_: Key.Type, _ expected: String) -> Section<Key>? {
        Section(self, expected: expected)
    }

    /// The keys and values of a mapping in their order, a doubled key reported and left out.
    func entries(_ expected: String) -> [Entry]? {
        guard case .mapping(let mapping) = node else {
            reject(expected: expected)
            return nil
        }
        var first: [String: Place] = [:]
        var entries: [Entry] = []
        for (keyNode, valueNode) in mapping {
            let place = document.place(of: keyNode)
            guard case .scalar(let scalar) = keyNode else {
                document.findings.report("\(label): found a list or a section as a key, expected a word", at: place)
                continue
            }
            let key = document.text(ofKey: scalar)
            if let earlier = first[key] {
                document.findings.report(
                    "found \(key.quoted) again after line \(earlier.line), expected each key once", at: place)
                continue
            }
            first[key] = place
            entries.append(
                Entry(key: key, place: place, value: Value(node: valueNode, label: key, document: document)))
        }
        return entries
    }
}
