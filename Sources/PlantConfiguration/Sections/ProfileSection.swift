import Plant

/// The keys that a profile gives to all its controllers and a controller may give itself.
struct DeviceSettings {
    var maxRegisters: Int?
    var maxGap: Int?
    var heartbeat: Located<String>?
    var heartbeatTimeout: Duration?
    var notation: AddressNotation?

    init() {}

    init(
        maxRegisters: Value?, maxGap: Value?, heartbeat: Value?, heartbeatTimeout: Value?, notation: Value?
    ) {
        self.maxRegisters = maxRegisters.flatMap { $0.integer(in: Limits.registers) }
        self.maxGap = maxGap.flatMap { $0.integer(in: Limits.gap) }
        self.heartbeat = heartbeat.flatMap { value in
            value.text("the name of a tag").map { Located(value: $0, place: value.place) }
        }
        self.heartbeatTimeout = heartbeatTimeout.flatMap { $0.duration(in: Limits.heartbeat) }
        self.notation = notation.flatMap { $0.choice(AddressNotation.self) }
    }

    func overridden(by own: DeviceSettings) -> DeviceSettings {
        var merged = self
        merged.maxRegisters = own.maxRegisters ?? maxRegisters
        merged.maxGap = own.maxGap ?? maxGap
        merged.heartbeat = own.heartbeat ?? heartbeat
        merged.heartbeatTimeout = own.heartbeatTimeout ?? heartbeatTimeout
        merged.notation = own.notation ?? notation
        return merged
    }
}

/// A register map: what all instruments of one model have in common.
struct Profile {
    var model: String?
    var settings = DeviceSettings()
    var tags = TagList()

    private enum Key: String, SectionKey {
        case model, notation, heartbeat, tags
        case maxRegisters = "max_registers"
        case maxGap = "max_gap"
        case heartbeatTimeout = "heartbeat_timeout"
    }

    /// A profile that could not be read: nothing is known of its tags, so nothing that names one is unknown.
    static var unreadable: Profile {
        var profile = Profile()
        profile.tags.isIncomplete = true
        return profile
    }

    private init() {}

    init(_ value: Value) {
        guard let section = value.section(Key.self, "the sections of a profile, such as \"tags:\"") else {
            self = .unreadable
            return
        }
        model = section[.model].flatMap { $0.text() }
        settings = DeviceSettings(
            maxRegisters: section[.maxRegisters], maxGap: section[.maxGap], heartbeat: section[.heartbeat],
            heartbeatTimeout: section[.heartbeatTimeout], notation: section[.notation])
        guard let list = section.required(.tags, "a list of tags") else {
            tags.isIncomplete = true
            return
        }
        tags = TagList(list, notation: settings.notation ?? .zeroBased)
    }
}
