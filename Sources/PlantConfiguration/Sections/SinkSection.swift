import Plant

extension SinkDefinition {
    private enum Key: String, SectionKey {
        case name, fifo, exec, journald, timeout
        case minPriority = "min_priority"
    }

    /// How long a program may take that nobody gave a time.
    private static let defaultTimeout: Duration = .seconds(10)

    /// Reads the list of sinks.
    static func list(_ value: Value?) -> [SinkDefinition] {
        guard let items = value?.list("a list of sinks such as {name: floor, fifo: /run/cupel/alarms}") else {
            return []
        }
        var seen: [String: Place] = [:]
        return items.compactMap { item in
            guard let section = item.section(Key.self, "a sink such as {name: floor, fifo: /run/cupel/alarms}") else {
                return nil
            }
            let name = section.required(.name, "the sink's name")?.uniqueName(among: &seen, what: "sink")
            let minPriority = section.read(.minPriority, default: Priority.low) { $0.choice(Priority.self) }
            let kind = kind(section, item)
            guard let name, let kind else { return nil }
            return SinkDefinition(name: name, kind: kind, minPriority: minPriority)
        }
    }

    private static func kind(_ section: Section<Key>, _ item: Value) -> Kind? {
        let ways = [Key.fifo, .exec, .journald].filter(section.contains)
        guard ways.count == 1 else {
            let found = ways.isEmpty ? "none" : ways.map(\.rawValue).joined(separator: " and ")
            item.reject(found: found, expected: "exactly one of fifo, exec or journald")
            return nil
        }
        let timeout = section.read(.timeout, default: defaultTimeout) { $0.duration(in: Limits.sinkTimeout) }
        if let value = section[.timeout], !section.contains(.exec) {
            value.reject(expected: "none: only a sink with exec has a timeout")
        }
        if let value = section[.fifo] { return value.text("a path").map { .fifo(path: $0) } }
        if let value = section[.exec] { return argv(value).map { .exec(argv: $0, timeout: timeout) } }
        guard let value = section[.journald], let flag = value.flag() else { return nil }
        if !flag { value.reject(expected: "true, or no such sink") }
        return .journald
    }

    /// A list, never a line for a shell: alarm texts must not become commands.
    private static func argv(_ value: Value) -> [String]? {
        let expected = "a program and its arguments such as [/usr/local/bin/page-operator, --urgent]"
        guard let items = value.list(expected) else { return nil }
        let words = items.compactMap { $0.text("a word") }
        guard words.count == items.count else { return nil }
        guard let program = words.first, program.hasPrefix("/") else {
            value.reject(
                found: words.first?.quoted ?? "an empty list", expected: "the absolute path of a program first")
            return nil
        }
        return words
    }
}

extension Value {
    /// A name that no earlier one of its kind has.
    func uniqueName(among seen: inout [String: Place], what: String) -> String? {
        guard let name = name() else { return nil }
        if let earlier = seen[name] {
            reject(
                found: "\(name.quoted) again after line \(earlier.line)", expected: "each \(what) to have its own name")
            return nil
        }
        seen[name] = place
        return name
    }
}
