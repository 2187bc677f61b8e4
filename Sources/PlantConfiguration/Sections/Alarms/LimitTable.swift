import Plant

/// The limits of a plant by unit, product and phase: for each, the first row that applies counts.
struct LimitTable {
    let rows: [Row]
    let isAbove: Bool
    let source: Value

    struct Row {
        let name: String?
        let source: Value
        /// Patterns of controllers; empty for every one.
        let units: [Pattern]
        /// Empty for every product.
        let products: [Product]
        /// Names of states, or numbers, of the phase tag; empty for every phase.
        let phases: [Value]
        /// `nil` where nothing is watched.
        let levels: LevelsRule?

        func applies(to controller: String) -> Bool {
            units.isEmpty || units.contains { $0.pattern.matches(controller) }
        }
    }

    struct Pattern {
        let value: Value
        let pattern: NamePattern
    }

    struct Product {
        let name: String
        let value: Value
    }

    enum Key: String, SectionKey { case name, unit, product, phase, levels }

    private static let form = "a list of rows such as [{unit: F-*, phase: soak, levels: {high: …}}]"

    init?(_ value: Value) {
        guard let items = value.list(Self.form) else { return nil }
        guard (1...Limits.limitRows).contains(items.count) else {
            value.reject(found: "a list of \(items.count)", expected: "1 to \(Limits.limitRows) rows")
            return nil
        }
        var names: [String: Place] = [:]
        rows = items.compactMap { Self.row($0, names: &names) }
        source = value
        guard rows.count == items.count else { return nil }
        guard let isAbove = rows.lazy.compactMap(\.levels?.isAbove).first else {
            value.reject(found: "rows without a level", expected: "levels in at least one row")
            return nil
        }
        self.isAbove = isAbove
        if let other = rows.first(where: { $0.levels.map { $0.isAbove != isAbove } ?? false }) {
            other.source.reject(
                found: isAbove ? "low levels" : "high levels",
                expected: "\(isAbove ? "high" : "low") levels as in the rows above; write two alarms")
            return nil
        }
    }

    /// Reads every key, also when the outcome is `nil`, so that all faults show.
    private static func row(_ item: Value, names: inout [String: Place]) -> Row? {
        guard let section = item.section(Key.self, "a row such as {unit: F-*, phase: soak, levels: {high: …}}") else {
            return nil
        }
        let name = section[.name]?.uniqueName(among: &names, what: "row")
        let units = section[.unit].map {
            $0.each("a controller such as F-01 or a pattern such as \"F-*\"", as: pattern)
        }
        let products = section[.product].map { $0.each("a product such as NdPr", as: product) }
        let phases = section[.phase].map { $0.each("a phase such as soak", as: { $0 }) }
        let levelsValue = section.required(.levels, "levels such as {high: {limit: 1480, priority: high}}, or none")
        let isNone = levelsValue?.plain == .text && levelsValue?.word == "none"
        let levels = isNone ? nil : levelsValue.flatMap(LevelsRule.init)
        guard isNone || levels != nil else { return nil }
        return Row(
            name: name, source: item, units: units ?? [], products: products ?? [], phases: phases ?? [],
            levels: levels)
    }

    /// A unit that no controller is called is a slip, whichever alarm uses the table.
    func reportStrangers(in assembly: PlantAssembly) {
        guard !assembly.directory.isIncomplete else { return }
        let names = assembly.controllers.map(\.name)
        for unit in rows.flatMap(\.units) where !names.contains(where: { unit.pattern.matches($0) }) {
            unit.value.reject(
                expected: unit.pattern.isWild
                    ? "a pattern that matches a controller"
                    : unit.value.document.findings.choice(of: names, near: unit.pattern.text))
        }
    }

    private static func pattern(_ value: Value) -> Pattern? {
        value.text("a controller such as F-01 or a pattern such as \"F-*\"").map {
            Pattern(value: value, pattern: NamePattern($0))
        }
    }

    private static func product(_ value: Value) -> Product? {
        value.productName().map { Product(name: $0, value: value) }
    }
}

/// The tables that several alarms share, by name.
struct LimitTables {
    private var tables: [String: LimitTable] = [:]
    private var broken: Set<String> = []

    var all: [LimitTable] { Array(tables.values) }

    init(_ value: Value?) {
        guard let entries = value?.entries("tables of limits such as {purity: [{product: Nd, levels: {low: …}}]}")
        else { return }
        for entry in entries {
            do throws(Expected) { _ = try checkedName(entry.key) } catch {
                entry.value.document.findings.report(
                    "limit_sets: found \(entry.key.quoted), expected \(error.expected)", at: entry.place)
                broken.insert(entry.key)
                _ = LimitTable(entry.value)
                continue
            }
            tables[entry.key] = LimitTable(entry.value)
            if tables[entry.key] == nil { broken.insert(entry.key) }
        }
    }

    /// The table that an alarm writes or names.
    func table(_ value: Value) -> LimitTable? {
        guard !value.isList else { return LimitTable(value) }
        guard let name = value.text("rows, or the name of a table in limit_sets") else { return nil }
        if tables[name] == nil, !broken.contains(name) {
            let names = tables.keys.sorted()
            value.reject(
                expected: names.isEmpty
                    ? "rows, or the name of a table in limit_sets"
                    : value.document.findings.choice(of: names, near: name))
        }
        return tables[name]
    }
}

extension Value {
    /// One value or a list of at least one, each understood or reported.
    func each<Result>(_ expected: String, as read: (Value) -> Result?) -> [Result] {
        guard isList else { return [read(self)].compactMap { $0 } }
        let items = list(expected) ?? []
        if items.isEmpty { reject(found: "an empty list", expected: expected) }
        return items.compactMap(read)
    }

    /// Products are called as the plant calls them: `Nd 99.5`, `NdFeB (N42)`.
    func productName() -> String? {
        text("the name of a product") { text throws(Expected) in
            guard text.count <= Limits.nameLength else {
                throw Expected("at most \(Limits.nameLength) characters", found: "\(text.count) characters")
            }
            return text
        }
    }
}
