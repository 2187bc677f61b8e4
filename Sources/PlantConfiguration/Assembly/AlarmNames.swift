import Plant

/// What alarms are called where a pattern is to meet some of them: by their own names and by those of their tags.
struct AlarmNames {
    private let alarms: [[String]]

    init(_ alarms: [AlarmDefinition], in assembly: PlantAssembly) {
        self.alarms = alarms.map { alarm in [alarm.name] + (alarm.tag.map { [assembly.tags[$0].name] } ?? []) }
    }

    private init(_ alarms: [[String]]) { self.alarms = alarms }

    /// With the daemon's own events, which sinks tell, too.
    var withDaemon: AlarmNames { AlarmNames(alarms + [["cupel"]]) }

    func contains(where isMet: ([String]) -> Bool) -> Bool { alarms.contains(where: isMet) }

    /// Reports a pattern that no alarm is for: a slip.
    func reportStranger(_ value: Value) {
        let pattern = NamePattern(value.word ?? "")
        guard !alarms.contains(where: { $0.contains(where: pattern.matches) }) else { return }
        let near =
            pattern.isWild
            ? nil : value.document.findings.nearest(to: pattern.text, of: Set(alarms.joined()).sorted())
        value.reject(
            expected: pattern.isWild
                ? "a pattern that matches an alarm, or a tag that has one"
                : "an alarm, or a tag that has one" + (near.map { ", such as \($0.quoted)" } ?? ""))
    }
}

extension SinkRule {
    /// A sink that no alarm is for would be silent for ever.
    func reportStrangers(among names: AlarmNames) {
        for value in match { names.reportStranger(value) }
        let selection = definition.selection
        func isTold(_ alarm: [String]) -> Bool {
            let meets = { (pattern: NamePattern) in alarm.contains(where: pattern.matches) }
            return (selection.match.isEmpty || selection.match.contains(where: meets))
                && !selection.except.contains(where: meets)
        }
        guard !selection.except.isEmpty, !names.contains(where: isTold) else { return }
        except?.reject(
            found: selection.except.map(\.text.quoted).joined(separator: ", "),
            expected: "to leave an alarm for the sink")
    }
}
