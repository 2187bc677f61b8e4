import Foundation
import Plant
import Testing

@testable import PlantConfiguration

/// One file of a configuration that loads, as a tree that can be changed and loaded again.
struct Example: CustomTestStringConvertible, Sendable {
    let folder: String
    /// `cupel.yaml` or `profiles/NAME.yaml`.
    let file: String
    let root: JSON
    let size: Int

    var testDescription: String { "\(folder.split(separator: "/").last ?? "")/\(file)" }
    var kind: ConfigurationReference.File { file == "cupel.yaml" ? .cupel : .profile }

    init?(_ folder: String, _ file: String) {
        let findings = Findings()
        guard let value = Document(file: "\(folder)/\(file)", findings: findings).value(label: file) else { return nil }
        (self.folder, self.file, root) = (folder, file, value.json)
        size = root.text.count
    }

    /// The cases that load, and what is shipped.
    static let all: [Example] = {
        let cases = CaseTests.names.map { "\(CaseTests.folder)/\($0)" }.filter {
            FileManager.default.fileExists(atPath: $0 + "/expected")
        }
        return ([ShippedConfigurationTests.folder] + cases).flatMap { folder in
            let profiles = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/profiles")) ?? []
            return (["cupel.yaml"] + profiles.sorted().map { "profiles/\($0)" }).compactMap { Example(folder, $0) }
        }
    }()

    /// What loading gives with another text of the file, beside the other files as they are.
    func load(_ root: JSON) throws -> Result<Plant, ConfigurationError> {
        let scratch = try temporaryFolder()
        let system = try HostSystem.fake()
        defer {
            try? FileManager.default.removeItem(atPath: scratch)
            system.remove()
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name != file {
            if name == "profiles", kind == .profile {
                try FileManager.default.copyItem(atPath: "\(folder)/profiles", toPath: "\(scratch)/profiles")
            } else {
                try FileManager.default.createSymbolicLink(
                    atPath: "\(scratch)/\(name)", withDestinationPath: "\(folder)/\(name)")
            }
        }
        try root.text.write(toFile: "\(scratch)/\(file)", atomically: false, encoding: .utf8)
        do throws(ConfigurationError) {
            return .success(try loadConfiguration(scratch, on: system).plant)
        } catch {
            return .failure(error)
        }
    }
}

/// Where a section stands in an example.
struct Occurrence: Sendable {
    let example: Example
    let section: SectionReference
    let path: [Step]

    enum Step: Hashable, Sendable {
        case key(String)
        case index(Int)
    }

    /// The example with a key of this section that has another value, or is not there.
    func setting(_ key: String, to value: JSON?) -> JSON { setting([(key, value)]) }

    func setting(_ values: [(String, JSON?)]) -> JSON {
        values.reduce(example.root) { $0.setting($1.0, to: $1.1, at: path[...]) }
    }

    func contains(_ key: String) -> Bool {
        // What is not there changes nothing when it is taken away.
        setting(key, to: nil) != example.root
    }

    /// Every section of every example, by its name.
    static let all: [String: [Occurrence]] = {
        var found: [Occurrence] = []
        for example in Example.all {
            KeyForm.section(example.kind.section).collect(example.root, [], in: example, &found)
        }
        // The plant at hand has the most of everything; a small one is faster.
        return Dictionary(grouping: found.sorted { $0.example.size < $1.example.size }) {
            $0.section.name
        }
    }()
}

extension KeyForm {
    fileprivate func collect(
        _ value: JSON, _ path: [Occurrence.Step], in example: Example, _ found: inout [Occurrence]
    ) {
        switch (self, value) {
        case (.section(let section), .object(let members)):
            found.append(Occurrence(example: example, section: section, path: path))
            for key in section.keys {
                guard case let value?? = members[key.name] else { continue }
                key.reference.form.collect(value, path + [.key(key.name)], in: example, &found)
            }
        case (.list(let form, _), .list(let values)), (.oneOrMore(let form, _), .list(let values)):
            for (index, value) in values.enumerated() {
                form.collect(value, path + [.index(index)], in: example, &found)
            }
        case (.named(_, _, let form), .object(let members)):
            for (name, value) in members {
                if let value { form.collect(value, path + [.key(name)], in: example, &found) }
            }
        case (.oneOrMore(let form, _), _): form.collect(value, path, in: example, &found)
        case (.either(let forms), _): for form in forms { form.collect(value, path, in: example, &found) }
        default: break
        }
    }
}

extension Value {
    /// What a file says.
    fileprivate var json: JSON {
        switch plain {
        case .text?: return .text(word ?? "")
        case .flag(let flag)?: return .flag(flag)
        case .integer(let number)?: return .number(Double(number))
        case .number(let number)?: return .number(number)
        // Refused wherever it stands, as an empty text is.
        case .nothing?, .doubtfulNumber?: return .text("")
        case nil:
            if isList { return .list((list("") ?? []).map(\.json)) }
            let members = (entries("") ?? []).map { ($0.key, $0.value.json) }
            return .object(Dictionary(members, uniquingKeysWith: { first, _ in first }))
        }
    }
}

extension JSON {
    fileprivate func setting(_ key: String, to value: JSON?, at path: ArraySlice<Occurrence.Step>) -> JSON {
        switch (path.first, self) {
        case (nil, .object(var members)):
            members.removeValue(forKey: key)
            if let value { members[key] = .some(value) }
            return .object(members)
        case (.key(let name)?, .object(var members)):
            if case let inner?? = members[name] { members[name] = inner.setting(key, to: value, at: path.dropFirst()) }
            return .object(members)
        case (.index(let index)?, .list(var values)):
            values[index] = values[index].setting(key, to: value, at: path.dropFirst())
            return .list(values)
        default: return self
        }
    }
}
