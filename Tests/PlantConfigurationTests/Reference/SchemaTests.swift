import Plant
import Testing

@testable import PlantConfiguration

/// The schema agrees with what the loader does.
@Suite struct SchemaTests {
    static let files = ConfigurationReference.File.allCases
    static let sections = (ConfigurationReference.root.tree + ConfigurationReference.profile.tree).map(\.section)
    static let names = Set(sections.map(\.name)).sorted()

    @Test func thereAreExamplesOfBothFiles() {
        #expect(Rule.all.count > 20)
        #expect(Example.all.count { $0.kind == .cupel } >= 40)
        #expect(Example.all.count { $0.kind == .profile } >= 25)
    }

    @Test(arguments: Example.all)
    func takesWhatLoads(_ example: Example) throws {
        #expect(try SchemaValidator.of(example.kind).faults(of: example.root) == [])
    }

    /// A section of one name is one, wherever it stands: the schema has it once.
    @Test func noTwoSectionsHaveOneName() {
        for (name, sections) in Dictionary(
            grouping: Self.sections + Occurrence.all.values.flatMap(\.self).map(\.section), by: \.name)
        {
            #expect(Set(sections.map { $0.keys.map(\.name) }).count == 1, "\(name)")
            #expect(Set(sections.map(\.text)).count == 1, "\(name)")
        }
    }

    @Test(arguments: names)
    func refusesAnUnknownKeyAsTheLoaderDoes(_ name: String) throws {
        let place = try #require(Occurrence.all[name]?.first, "no example has a section \(name)")
        let changed = place.setting("unknown-key", to: "x")
        #expect(try !SchemaValidator.of(place.example.kind).faults(of: changed).isEmpty)
        let issues = try place.example.load(changed).issues
        #expect(issues.contains { $0.message.hasPrefix("found unknown key \"unknown-key\"") }, "\(issues)")
    }

    @Test(arguments: names)
    func aKeyIsRequiredWhereItIsForTheLoader(_ name: String) throws {
        let place = try #require(Occurrence.all[name]?.first)
        for key in place.section.keys {
            let changed = place.setting(key.name, to: nil)
            let isRefused = try !SchemaValidator.of(place.example.kind).faults(of: changed).isEmpty
            let issues = try place.example.load(changed).issues
            let isMissed = issues.contains { $0.message.hasPrefix("\(key.name): missing") }
            switch key.reference.presence {
            case .required: #expect(isRefused && isMissed, "\(key.name): \(issues)")
            case .usual: #expect(!isMissed, "\(key.name)")
            // Required with some values of other keys, which the schema does not say.
            case .optional(let words): #expect(!isMissed || isRefused || words.hasPrefix("required"), "\(key.name)")
            }
        }
    }

    /// Neither takes a list where text or a number is due, nor a section where a list is.
    @Test(arguments: names)
    func refusesAnotherFormAsTheLoaderDoes(_ name: String) throws {
        let place = try #require(Occurrence.all[name]?.first)
        for key in place.section.keys {
            let changed = place.setting(key.name, to: [[["deep": "x"]]])
            #expect(try !SchemaValidator.of(place.example.kind).faults(of: changed).isEmpty, "\(key.name)")
            #expect(try !place.example.load(changed).issues.isEmpty, "\(key.name)")
        }
    }

    /// What a rule of a section forbids, the loader refuses as well.
    @Test(arguments: Rule.all)
    func aRuleIsThatOfTheLoader(_ rule: Rule) throws {
        var tried = 0
        for place in Occurrence.all[rule.section] ?? [] where tried < 3 {
            for changed in rule.violations(at: place) {
                tried += 1
                #expect(try !SchemaValidator.of(place.example.kind).faults(of: changed).isEmpty)
                #expect(try !place.example.load(changed).issues.isEmpty, "\(place.example.testDescription)")
            }
        }
        #expect(tried > 0, "no example to break the rule in")
    }

    struct Rule: CustomTestStringConvertible, Sendable {
        let section: String
        let rule: KeyRule<String>
        var testDescription: String { "\(section): \(rule.words)" }

        static let all = SchemaTests.names.flatMap { name in
            (Occurrence.all[name]?.first?.section.rules ?? []).map { Rule(section: name, rule: $0) }
        }

        /// A section with none of the keys, with one too many, or without the one that another needs.
        func violations(at place: Occurrence) -> [JSON] {
            func without(_ keys: [String]) -> JSON { place.setting(keys.map { ($0, nil) }) }
            func more(_ keys: [String]) -> [JSON] {
                guard let present = keys.first(where: place.contains), let other = keys.first(where: { $0 != present }),
                    let key = place.section.keys.first(where: { $0.name == other })
                else { return [] }
                return [place.setting(other, to: key.reference.form.samples[0])]
            }
            return switch rule {
            case .exactlyOne(let keys): [without(keys)] + more(keys)
            case .atLeastOne(let keys): [without(keys)]
            case .atMostOne(let keys): more(keys)
            case .needs(let key, let other): place.contains(key) ? [without([other])] : []
            }
        }
    }

    @Test func defaultsHaveTheFormOfTheirKeys() throws {
        var count = 0
        for file in Self.files {
            let schema = try SchemaValidator.of(file)
            for section in file.section.tree.map(\.section) {
                for key in section.keys {
                    guard case .usual(let usual) = key.reference.presence else { continue }
                    count += 1
                    #expect(schema.faults(of: usual, behind: key.name, of: section.name) == [])
                }
            }
        }
        #expect(count > 70)
    }
}

extension Result<Plant, ConfigurationError> {
    var issues: [ConfigurationIssue] { if case .failure(let error) = self { error.issues } else { [] } }
    var plant: Plant? { try? get() }
}
