import Plant

/// Reads, checks and joins the files of a configuration.
///
/// - Parameters:
///   - path: `cupel.yaml`, or the directory it is in; profiles are `profiles/NAME.yaml` beside it, else in
///     /usr/share/cupel/profiles, and `tags.csv` when there is one.
///   - state: the daemon's state directory, where relative paths begin; it shows which paths are one file.
/// - Throws: everything that is wrong, at once.
///
/// Blocks while it reads and while the system resolves host names: not for the cooperative pool.
public func loadConfiguration(
    _ path: String, state: String = usualState
) throws(ConfigurationError) -> LoadedConfiguration {
    var system = HostSystem.current
    system.state = state
    return try loadConfiguration(path, on: system)
}

/// The state directory of a plant that is alone on its machine.
public let usualState = "/var/lib/cupel"

/// The sections of `cupel.yaml`.
enum RootKey: String, SectionKey {
    case plant, history, journal, console, diagnostics, scan, controllers, alarms, sinks, escalation
    case alarmSystem = "alarm_system"
    case limitSets = "limit_sets"
}

/// The main path, on a system of one's choice.
func loadConfiguration(_ path: String, on system: HostSystem) throws(ConfigurationError) -> LoadedConfiguration {
    let lookups = Lookups(system.resolve)
    var system = system
    system.resolve = lookups.resolve
    let (file, folder) = configurationFile(path)
    let findings = Findings()
    let shelf = ProfileShelf(folders: [folder + "profiles", system.installedProfiles], findings: findings)
    let document = Document(file: file, findings: findings)
    let root = document.value(label: "configuration")
    guard let section = root?.section(RootKey.self, "sections such as \"plant:\" and \"controllers:\"") else {
        throw ConfigurationError(issues: findings.errors)
    }

    let identity = PlantIdentity(section.required(.plant, "a section with the plant's name"), system: system)
    let history = HistorySettings(section[.history])
    let journal = JournalSettings(section[.journal])
    let console = ConsoleSettings(section[.console], system: system)
    if history.path == journal.path {
        findings.report(
            "found one path for history and journal, \(history.path.quoted), expected two files",
            at: (section[.journal] ?? section[.history])?.place ?? section.place)
    }
    let diagnostics = DiagnosticsSettings(section[.diagnostics])
    let table = TagTable(folder: folder, findings: findings)
    let controllers = ControllerList(
        section.required(.controllers, "a list of controllers"),
        in: ControllerList.Surroundings(
            classes: ScanClasses(section[.scan]), shelf: shelf, table: table, system: system))
    let tables = LimitTables(section[.limitSets])
    let rules = AlarmRule.list(section[.alarms], tables: tables)
    let supervision = Supervision(section[.alarmSystem])
    let sinkRules = SinkRule.list(section[.sinks], on: system)
    var conflicts = SinkConflicts(history: history, journal: journal, console: console, on: system)
    conflicts.report(sinkRules)
    let sinks = sinkRules.map(\.definition)
    let escalations = EscalationRule.list(section[.escalation], sinks: section[.sinks])

    // Faults so far may leave a tag without a place; what is assembled is then only looked at, never returned.
    let assembly = PlantAssembly(controllers, diagnosticsEvery: diagnostics.every, findings: findings)
    let expansion = AlarmExpansion(rules, of: assembly, sinks: sinks)
    let limits = tables.all + rules.compactMap(\.table)
    for table in limits { table.reportStrangers(in: assembly) }
    // Faults so far may be why an alarm is not there.
    if findings.isEmpty {
        let names = AlarmNames(expansion.alarms, in: assembly).withDaemon
        for rule in sinkRules { rule.reportStrangers(among: names) }
        for rule in escalations { rule.reportStrangers(among: expansion.alarms, in: assembly) }
    }
    guard findings.isEmpty else {
        // Each name that did not resolve is an issue of its own.
        throw ConfigurationError(issues: findings.errors, mayPass: findings.errors.count == lookups.failures)
    }
    expansion.advise(findings)
    let plant = Plant(
        name: identity.name, site: identity.site, timeZone: identity.timeZone, controllers: assembly.controllers,
        groups: assembly.groups, tags: assembly.tags, alarms: expansion.alarms,
        supervision: supervision, products: products(of: limits, assembly), sinks: sinks,
        escalations: escalations.map(\.policy), history: history, journal: journal, console: console)
    return LoadedConfiguration(
        plant: plant, files: [file] + (table.file.map { [$0] } ?? []) + shelf.files, profiles: shelf.summaries,
        warnings: findings.warnings, advice: findings.advice,
        deadbands: Dictionary(rules.map { ($0.id, $0.places.deadband) }, uniquingKeysWith: { first, _ in first }),
        lookedUp: lookups.found)
}

/// Remembers what the system said of host names.
private final class Lookups {
    private let system: HostResolver
    private(set) var found: [String: String] = [:]
    private(set) var failures = 0

    init(_ system: @escaping HostResolver) { self.system = system }

    func resolve(_ name: String) throws(Expected) -> String {
        do throws(Expected) {
            let address = try system(name)
            found[name] = address
            return address
        } catch {
            failures += 1
            throw error
        }
    }
}

/// Every product that a unit or a row of limits names.
private func products(of tables: [LimitTable], _ assembly: PlantAssembly) -> [String] {
    let fixed = assembly.products.compactMap { source in
        if case .fixed(let name)? = source { name } else { nil }
    }
    return Set(fixed + tables.flatMap(\.rows).flatMap(\.products).map(\.name)).sorted()
}

/// The main file, and its folder with the `/` behind it.
private func configurationFile(_ path: String) -> (file: String, folder: String) {
    guard isFolder(path) else {
        return (path, path.lastIndex(of: "/").map { String(path[...$0]) } ?? "")
    }
    let folder = path.hasSuffix("/") ? path : path + "/"
    return (folder + "cupel.yaml", folder)
}
