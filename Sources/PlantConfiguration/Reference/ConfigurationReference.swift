/// What the files of a configuration may say, made from the enumerations of keys that the code reads them by.
public enum ConfigurationReference {
    /// `cupel.yaml`.
    static let root = SectionReference(RootKey.self)
    /// `profiles/NAME.yaml`.
    static let profile = SectionReference(WithDeviceKeys<Profile.Key>.self)
    /// `tags.csv`: the keys of a tag are its columns, and this one says whose it is.
    static let controllerColumn = KeyReference.required(
        .name, "Whose tag it is: the name of a controller of `cupel.yaml`.")

    /// What may be asked for.
    public enum File: String, CaseIterable, Sendable {
        case cupel, profile

        var section: SectionReference { self == .cupel ? ConfigurationReference.root : ConfigurationReference.profile }
    }
}

/// A section with the places where it may stand.
struct PlacedSection {
    let section: SectionReference
    /// `alarms[].levels.high`; the file itself has none.
    var places: [String]
}

extension SectionReference {
    /// This section and all below it, each once, in the order in which a reader meets them.
    var tree: [PlacedSection] {
        var found: [PlacedSection] = []
        collect(at: "", &found)
        return found
    }

    private func collect(at place: String, _ found: inout [PlacedSection]) {
        if let known = found.firstIndex(where: { $0.section.name == name }) {
            // What is below it stands below each of its places.
            found[known].places.append(place)
            return
        }
        found.append(PlacedSection(section: self, places: place.isEmpty ? [] : [place]))
        for key in keys {
            let below = place.isEmpty ? key.name : "\(place).\(key.name)"
            for (section, suffix) in key.reference.form.sections { section.collect(at: below + suffix, &found) }
        }
    }
}

extension KeyForm {
    /// The sections that may stand in it, and how far in.
    fileprivate var sections: [(section: SectionReference, suffix: String)] {
        switch self {
        case .text, .duration, .integer, .number, .flag, .choice: []
        case .section(let section): [(section, "")]
        case .list(let form, _): form.sections.map { ($0.section, "[]" + $0.suffix) }
        case .named(_, _, let form): form.sections.map { ($0.section, ".NAME" + $0.suffix) }
        case .oneOrMore(let form, _): form.sections
        case .either(let forms): forms.flatMap(\.sections)
        }
    }
}
