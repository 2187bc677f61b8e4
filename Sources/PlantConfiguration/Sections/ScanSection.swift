import Plant

/// The scan classes of a plant, in the order they are written, which is the order of every controller's groups.
struct ScanClasses {
    private(set) var names: [String]
    private(set) var periods: [String: Duration]

    static let standard = ScanClasses(
        names: ["fast", "normal", "slow"],
        periods: ["fast": .milliseconds(500), "normal": .seconds(1), "slow": .seconds(10)])
    /// The class of a tag that names none.
    static let unnamed = "normal"

    init(_ value: Value?) {
        self = .standard
        guard let entries = value?.entries("scan classes such as {fast: 500ms, normal: 1s}") else { return }
        (names, periods) = ([], [:])
        for entry in entries {
            do throws(Expected) {
                let name = try checkedName(entry.key)
                names.append(name)
                periods[name] = entry.value.duration(in: Limits.period) ?? .seconds(1)
            } catch {
                entry.value.document.findings.report(
                    "scan: found \(entry.key.quoted), expected \(error.expected)", at: entry.place)
            }
        }
    }

    private init(names: [String], periods: [String: Duration]) { (self.names, self.periods) = (names, periods) }

    /// The classes as one controller has them: `scan: {normal: 2s}` there changes a period.
    func overridden(by value: Value?) -> ScanClasses {
        guard let entries = value?.entries("changed periods such as {normal: 2s}") else { return self }
        var changed = self
        for entry in entries {
            guard periods[entry.key] != nil else {
                let findings = entry.value.document.findings
                findings.report(
                    "scan: found \(entry.key.quoted), expected \(findings.choice(of: names, near: entry.key))",
                    at: entry.place)
                continue
            }
            if let period = entry.value.duration(in: Limits.period) { changed.periods[entry.key] = period }
        }
        return changed
    }
}
