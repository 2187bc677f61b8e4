import Plant
import Yams

extension SinkDefinition {
    enum Key: String, SectionKey {
        case name
        case fifo, exec, webhook, journald, syslog, mqtt, mail, file, stdout
        case timeout
        case minPriority = "min_priority"
        case events, match, except, schedule, text
        case rateLimit = "rate_limit"
        case giveUpAfter = "give_up_after"
        case alarmAfter = "alarm_after"

        /// One of them says what kind of sink it is.
        static let ways: [Key] = [.fifo, .exec, .webhook, .journald, .syslog, .mqtt, .mail, .file, .stdout]
    }

    static let example = "a sink such as {name: floor, fifo: /run/cupel/alarms}"
}

/// A sink as it is written, with the places to blame when it meets no alarm, or gets in the way of another.
struct SinkRule {
    let definition: SinkDefinition
    /// What stands behind the key that says what kind it is.
    let way: Value
    let match: [Value]
    let except: Value?

    /// Reads the list of sinks.
    static func list(_ value: Value?, on system: HostSystem) -> [SinkRule] {
        guard let items = value?.list("a list of sinks such as {name: floor, fifo: /run/cupel/alarms}") else {
            return []
        }
        var seen: [String: Place] = [:]
        return items.compactMap { item in
            item.section(SinkDefinition.Key.self, SinkDefinition.example).flatMap {
                SinkRule($0, item, names: &seen, system)
            }
        }
    }

    /// Reads every key, also when the outcome is `nil`, so that all faults show.
    private init?(
        _ section: Section<SinkDefinition.Key>, _ item: Value, names: inout [String: Place], _ system: HostSystem
    ) {
        let name = section.required(.name, "the sink's name")?.uniqueName(among: &names, what: "sink")
        let read = SinkDefinition.kind(section, item, system)
        let usual = SinkDefinition(name: "", kind: .journald)
        let selection = SinkSelection(section)
        let text = section[.text].flatMap(LineTemplate.checked)
        let rateLimit = section[.rateLimit].flatMap { RateLimit($0) }
        let giveUpAfter = section.read(.giveUpAfter, default: usual.giveUpAfter) {
            $0.duration(in: Limits.giveUpAfter)
        }
        let alarmAfter = section.read(.alarmAfter, default: usual.alarmAfter) { $0.duration(in: Limits.alarmAfter) }
        guard let name, let (kind, way) = read else { return nil }
        definition = SinkDefinition(
            name: name, kind: kind, selection: selection, text: text, rateLimit: rateLimit ?? kind.usualRate,
            giveUpAfter: giveUpAfter, alarmAfter: alarmAfter)
        self.way = way
        match = section[.match]?.written ?? []
        except = section[.except]
    }
}

extension SinkSelection {
    fileprivate init(_ section: Section<SinkDefinition.Key>) {
        self.init(
            minPriority: section.read(.minPriority, default: .low) { $0.choice(Priority.self) },
            events: section[.events].flatMap { $0.choice(Events.self) },
            match: section.read(.match, default: []) { $0.patterns() },
            except: section.read(.except, default: []) { $0.patterns() },
            schedule: section.read(.schedule, default: []) { value in
                value.oneOrMore("\(WeekTime.configurationForm), or a list of them").compactMap {
                    $0.text(WeekTime.configurationForm, as: WeekTime.init(configured:))
                }
            })
    }
}

extension SinkDefinition.Kind {
    /// A flood in a mailbox hides what is in it, and servers refuse who sends one.
    fileprivate var usualRate: RateLimit? {
        if case .mail = self { RateLimit.ofMail } else { nil }
    }
}

extension RateLimit {
    static let ofMail = RateLimit(lines: 1, every: .seconds(60))

    enum Key: String, SectionKey { case lines, every }

    fileprivate init?(_ value: Value) {
        guard let section = value.section(Key.self, "a rate such as {lines: 10, every: 1m}") else { return nil }
        let lines = section.required(.lines, "how many lines")?.integer(in: Limits.rateLines)
        let every = section.required(.every, "in how long")?.duration(in: Limits.rateEvery)
        guard let lines, let every else { return nil }
        self.init(lines: lines, every: every)
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

    /// A list, or the one thing that would be in it.
    func oneOrMore(_ expected: String) -> [Value] { isScalar ? [self] : list(expected) ?? [] }

    /// The values of a list, or the one that would be in it; whether they were understood or not.
    fileprivate var written: [Value] {
        guard case .sequence(let items) = node else { return [self] }
        return items.map { Value(node: $0, label: label, document: document) }
    }

    /// Names of alarms or tags with `*`.
    func patterns() -> [NamePattern] {
        let expected = "a pattern of alarms or tags such as F-*.melt_temp"
        return oneOrMore("\(expected), or a list of them").compactMap { $0.text(expected).map(NamePattern.init) }
    }
}
