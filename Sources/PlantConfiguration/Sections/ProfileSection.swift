import Plant

/// A register map: what all instruments of one model have in common.
struct Profile {
    var model: String?
    /// Manuals and drivers its facts come from.
    var sources: [String] = []
    var grade: ProfileGrade?
    var settings = DeviceSettings()
    var tags = TagList()

    enum Key: String, SectionKey { case model, source, grade, tags }

    /// A profile that could not be read: nothing is known of its tags, so nothing that names one is unknown.
    static var unreadable: Profile {
        var profile = Profile()
        profile.tags.isIncomplete = true
        return profile
    }

    private init() {}

    init(_ value: Value) {
        guard let section = value.section(WithDeviceKeys<Key>.self, "the sections of a profile, such as \"tags:\"")
        else {
            self = .unreadable
            return
        }
        model = section[Key.model].flatMap { $0.text() }
        sources = section[Key.source].map(Self.sources) ?? []
        grade = section[Key.grade].flatMap { $0.choice(ProfileGrade.self) }
        settings = DeviceSettings(section)
        guard let list = section.required(Key.tags, "a list of tags") else {
            tags.isIncomplete = true
            return
        }
        tags = TagList(list, notation: settings.notation ?? .zeroBased)
    }

    /// One text, or a list of them.
    private static func sources(_ value: Value) -> [String] {
        let expected = "a manual or driver with its version, or a list of them"
        guard value.isList else { return value.text(expected).map { [$0] } ?? [] }
        let items = value.list(expected) ?? []
        guard (1...Limits.sources).contains(items.count) else {
            value.reject(found: "a list of \(items.count)", expected: "1 to \(Limits.sources) sources")
            return []
        }
        return items.compactMap { $0.text(expected) }
    }
}
