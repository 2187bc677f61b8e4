import Plant

/// The keys that a profile gives to all its controllers and a controller may give itself.
enum DeviceKey: String, SectionKey {
    case timeout, notation, heartbeat, pause, together, release
    case maxRegisters = "max_registers"
    case maxGap = "max_gap"
    case heartbeatTimeout = "heartbeat_timeout"
    case unitPause = "unit_pause"
    case connectDelay = "connect_delay"
    case connectTimeout = "connect_timeout"
    case maxInFlight = "max_in_flight"
    case unchangedAfter = "unchanged_after"
}

/// The keys of a section that are its own, and those of every device.
enum WithDeviceKeys<Own: SectionKey>: SectionKey {
    case own(Own)
    case device(DeviceKey)

    static var allCases: [Self] { Own.allCases.map(Self.own) + DeviceKey.allCases.map(Self.device) }

    init?(rawValue: String) {
        guard let key = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
        self = key
    }

    var rawValue: String {
        switch self {
        case .own(let key): key.rawValue
        case .device(let key): key.rawValue
        }
    }

    static var about: SectionAbout { Own.about }
    static var rules: [KeyRule<Self>] { Own.rules.map { $0.map(Self.own) } }

    var reference: KeyReference {
        switch self {
        case .own(let key): key.reference
        case .device(let key): key.reference
        }
    }
}

extension Section {
    subscript<Own>(key: Own) -> Value? where Key == WithDeviceKeys<Own> { self[.own(key)] }

    func required<Own>(_ key: Own, _ expected: String) -> Value? where Key == WithDeviceKeys<Own> {
        required(.own(key), expected)
    }
}

/// What `DeviceKey` says of a device; `nil` where nothing is said.
struct DeviceSettings {
    var timeout: Duration?
    var maxRegisters: Int?
    var maxGap: Int?
    var heartbeat: Located<String>?
    var heartbeatTimeout: Duration?
    var notation: AddressNotation?
    var pause: Located<Duration>?
    var unitPause: Located<Duration>?
    var connectDelay: Duration?
    var connectTimeout: Duration?
    var releases: Bool?
    var maxInFlight: Located<Int>?
    var unchangedAfter: Located<Duration>?
    /// Lists of tags that are read in one request.
    var together: [Located<[Located<String>]>]?

    init() {}

    init<Own>(_ section: Section<WithDeviceKeys<Own>>) {
        func located<Result>(_ key: DeviceKey, _ read: (Value) -> Result?) -> Located<Result>? {
            section[.device(key)].flatMap { value in read(value).map { Located(value: $0, place: value.place) } }
        }
        timeout = located(.timeout) { $0.duration(in: Limits.timeout) }?.value
        maxRegisters = located(.maxRegisters) { $0.integer(in: Limits.registers) }?.value
        maxGap = located(.maxGap) { $0.integer(in: Limits.gap) }?.value
        heartbeat = located(.heartbeat) { $0.text("the name of a tag") }
        heartbeatTimeout = located(.heartbeatTimeout) { $0.duration(in: Limits.heartbeat) }?.value
        notation = located(.notation) { $0.choice(AddressNotation.self) }?.value
        pause = located(.pause) { $0.duration(in: Limits.pause) }
        unitPause = located(.unitPause) { $0.duration(in: Limits.pause) }
        connectDelay = located(.connectDelay) { $0.duration(in: Limits.connectDelay) }?.value
        connectTimeout = located(.connectTimeout) { $0.duration(in: Limits.timeout) }?.value
        releases = located(.release) { $0.flag() }?.value
        maxInFlight = located(.maxInFlight) { $0.integer(in: Limits.inFlight) }
        unchangedAfter = located(.unchangedAfter) { $0.duration(in: Limits.standstill) }
        together = section[.device(.together)].flatMap(Self.together)
    }

    private static func together(_ value: Value) -> [Located<[Located<String>]>]? {
        let expected = "lists of tags that are read in one request, such as [[pv, pv_status]]"
        return value.list(expected)?.compactMap { item in
            guard let values = item.list(expected) else { return nil }
            guard values.count > 1 else {
                item.reject(found: "a list of \(values.count)", expected: "at least two tags")
                return nil
            }
            let names = values.compactMap { name in
                name.text("the name of a tag").map { Located(value: $0, place: name.place) }
            }
            return Located(value: names, place: item.place)
        }
    }

    func overridden(by own: DeviceSettings) -> DeviceSettings {
        var merged = self
        merged.timeout = own.timeout ?? timeout
        merged.maxRegisters = own.maxRegisters ?? maxRegisters
        merged.maxGap = own.maxGap ?? maxGap
        merged.heartbeat = own.heartbeat ?? heartbeat
        merged.heartbeatTimeout = own.heartbeatTimeout ?? heartbeatTimeout
        merged.notation = own.notation ?? notation
        merged.pause = own.pause ?? pause
        merged.unitPause = own.unitPause ?? unitPause
        merged.connectDelay = own.connectDelay ?? connectDelay
        merged.connectTimeout = own.connectTimeout ?? connectTimeout
        merged.releases = own.releases ?? releases
        merged.maxInFlight = own.maxInFlight ?? maxInFlight
        merged.unchangedAfter = own.unchangedAfter ?? unchangedAfter
        merged.together = own.together ?? together
        return merged
    }

    /// Requests side by side would undo a pause between them.
    func pacing(reportingTo findings: Findings) -> Pacing {
        let pauses = [("pause", pause), ("unit_pause", unitPause)]
        if let inFlight = maxInFlight, inFlight.value > 1,
            let (key, pause) = pauses.first(where: { $1.map { $0.value > .zero } ?? false }), let pause
        {
            findings.report(
                "max_in_flight: found \(inFlight.value) with \(key) \(pause.value.configured), expected 1 with a pause",
                at: inFlight.place)
        }
        return Pacing(
            pause: pause?.value ?? .zero, unitPause: unitPause?.value ?? .zero, connectDelay: connectDelay ?? .zero,
            connectTimeout: connectTimeout, releases: releases ?? false, maxInFlight: maxInFlight?.value ?? 1)
    }
}
