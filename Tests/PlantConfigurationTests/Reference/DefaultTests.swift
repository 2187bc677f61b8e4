import Plant
import Testing

@testable import PlantConfiguration

/// Each default that the reference has is that of the loader, and each bound.
@Suite struct DefaultTests {
    /// A key and the examples with its section.
    struct Subject: CustomTestStringConvertible, Sendable {
        let key: SectionReference.Key
        let places: [Occurrence]
        let section: String
        var testDescription: String { "\(section).\(key.name)" }
    }

    static let subjects: [Subject] = SchemaTests.names.flatMap { name -> [Subject] in
        let places = Occurrence.all[name] ?? []
        return (places.first?.section.keys ?? []).map { Subject(key: $0, places: places, section: name) }
    }

    static let withDefault = subjects.filter {
        if case .usual = $0.key.reference.presence { true } else { false }
    }

    @Test func thereAreDefaultsAndBounds() {
        #expect(Self.withDefault.count > 70)
        #expect(Self.withBounds.count > 80)
    }

    /// Without the key it is as with the default. There must be a place where another value makes a difference, or the
    /// comparison would say nothing.
    @Test(arguments: withDefault)
    func isWhatTheLoaderTakes(_ subject: Subject) throws {
        guard case .usual(let usual) = subject.key.reference.presence else { return }
        var compared = 0
        for place in subject.places {
            guard let without = try place.example.load(place.setting(subject.key.name, to: nil)).plant,
                let with = try place.example.load(place.setting(subject.key.name, to: usual)).plant
            else { continue }
            let usually = facts(without)
            #expect(usually == facts(with), "\(place.example.testDescription) \(place.path)")
            compared += 1
            for other in subject.key.reference.form.samples where other != usual {
                guard let changed = try place.example.load(place.setting(subject.key.name, to: other)).plant else {
                    continue
                }
                if facts(changed) != usually { return }
            }
        }
        Issue.record("compared at \(compared) places, and no other value made a difference")
    }

    static let withBounds = subjects.filter { !$0.key.reference.form.bounds.isEmpty }

    /// What lies beyond is refused, and the same is not said of the ends.
    @Test(arguments: withBounds)
    func hasTheBoundsOfTheLoader(_ subject: Subject) throws {
        let name = subject.key.name
        for bound in subject.key.reference.form.bounds {
            let start = "\(name): found \(bound.beyond.text)"
            var found: (place: Occurrence, complaint: String)?
            for place in subject.places where found == nil {
                let issues = try place.example.load(place.setting(name, to: bound.beyond)).issues.map(\.message)
                // Not that the key has no place there at all.
                let complaint = issues.first { $0.hasPrefix(start) && !$0.contains("expected none") }
                found = complaint.map { (place, $0) }
            }
            let (place, complaint) = try #require(found, "\(bound.beyond.text) is nowhere refused")
            // A vote may need at most as many as there are, which depends on its list.
            if subject.testDescription == "vote.need" { continue }
            let same = "\(name): found \(bound.end.text)" + complaint.dropFirst(start.count)
            let issues = try place.example.load(place.setting(name, to: bound.end)).issues.map(\.message)
            #expect(!issues.contains(same), "\(bound.end.text)")
            // JSON Schema has no words for how long a duration is.
            if case .text = bound.end { continue }
            let schema = try SchemaValidator.of(place.example.kind)
            #expect(schema.faults(of: bound.end, behind: name, of: subject.section) == [])
            #expect(!schema.faults(of: bound.beyond, behind: name, of: subject.section).isEmpty, "\(bound.beyond.text)")
        }
    }
}

extension KeyForm {
    fileprivate struct Bound {
        let end: JSON
        let beyond: JSON
    }

    fileprivate var bounds: [Bound] {
        switch self {
        case .duration(let range):
            let (low, high) = (range.lowerBound, range.upperBound)
            let upper = Bound(end: .written(high), beyond: .written(high + .milliseconds(1)))
            return low == .zero
                ? [upper] : [upper, Bound(end: .written(low), beyond: .written(low - .milliseconds(1)))]
        case .integer(let range):
            let lower = Bound(end: .count(range.lowerBound), beyond: .count(range.lowerBound - 1))
            let upper = Bound(end: .count(range.upperBound), beyond: .count(range.upperBound + 1))
            // The next whole number above 2^53 is no number of JSON.
            return range.upperBound < 1 << 53 ? [lower, upper] : [lower]
        case .number(let bounds):
            let lower = bounds.low.map { low in
                bounds.isAbove
                    ? Bound(end: .number(low + 0.125), beyond: .number(low))
                    : Bound(end: .number(low), beyond: .number(low - 0.125))
            }
            let upper = bounds.high.map { Bound(end: .number($0), beyond: .number($0 + 0.125)) }
            return [lower, upper].compactMap(\.self)
        case .either(let forms): return forms.flatMap(\.bounds)
        case .text, .flag, .choice, .list, .section, .named, .oneOrMore: return []
        }
    }

    /// Some values of the form.
    var samples: [JSON] {
        switch self {
        case .text: ["other", "4MB", "slow", "Asia/Seoul", "127.0.0.1:8502"]
        case .duration(let range):
            [range.lowerBound, range.upperBound, .seconds(70), .seconds(4 * 3600)].map { .written($0) }
        case .integer(let range):
            [range.lowerBound, range.upperBound, 2, 3, 30].filter(range.contains).map { .count($0) }
        case .number: [.number(0.25), .number(4), .number(22)]
        case .flag: [.flag(true), .flag(false)]
        case .choice(let values): values
        case .list(let form, let count):
            [
                .list(Array(repeating: form.samples[0], count: max(1, count.lowerBound))), [.number(1)],
                [.number(3.7), .number(20.5)],
            ]
        case .named(_, _, let form):
            [.object(["normal": form.samples[0], "fast": form.samples[1], "slow": form.samples[1]])]
        case .oneOrMore(let form, _): form.samples
        case .either(let forms): forms.flatMap(\.samples)
        case .section(let section):
            [
                .object(
                    Dictionary(
                        uniqueKeysWithValues: section.keys.filter { $0.reference.presence == .required }.map {
                            ($0.name, $0.reference.form.samples[0])
                        }))
            ]
        }
    }
}

/// Everything that is in a value, in one text; sets and dictionaries in an order of their own.
private func facts(_ value: Any) -> String {
    let mirror = Mirror(reflecting: value)
    let parts = mirror.children.map { "\($0.label ?? "")=\(facts($0.value))" }
    return switch mirror.displayStyle {
    case .set?, .dictionary?: "{\(parts.sorted().joined(separator: " "))}"
    case nil: "\(value)"
    case _ where parts.isEmpty: "\(value)"
    default: "(\(parts.joined(separator: " ")))"
    }
}
