import Plant

/// One controller as `cupel.yaml` describes it, its profile taken in.
struct ControllerDraft {
    let name: String
    let description: String?
    let endpoint: Endpoint
    let unit: UInt8
    let model: String?
    let timeout: Duration
    let settings: DeviceSettings
    let scan: ScanClasses
    let tags: TagList
}

/// All controllers that could be understood.
struct ControllerList {
    var drafts: [ControllerDraft] = []
    /// Some controller could not be understood, so a tag that is not found may well be one of its.
    var isIncomplete = false

    private enum Key: String, SectionKey {
        case name, description, address, unit, profile, timeout, heartbeat, notation, scan, tags
        case maxRegisters = "max_registers"
        case maxGap = "max_gap"
        case heartbeatTimeout = "heartbeat_timeout"
    }

    private static let defaultTimeout: Duration = .seconds(1)

    private struct Station: Hashable {
        let endpoint: Endpoint
        let unit: UInt8
    }

    init(_ value: Value?, classes: ScanClasses, shelf: ProfileShelf, system: HostSystem) {
        let expected = "a list of controllers such as {name: F-01, address: 192.168.1.20:502, unit: 1, profile: plc}"
        guard let value, let items = value.list(expected) else {
            isIncomplete = true
            return
        }
        if items.isEmpty { value.reject(found: "an empty list", expected: "at least one controller") }
        var names: [String: Place] = [:]
        var stations: [Station: String] = [:]
        for item in items {
            guard let section = item.section(Key.self, "a controller such as {name: F-01, …}") else {
                isIncomplete = true
                continue
            }
            let name = section.required(.name, "the controller's name")?.uniqueName(among: &names, what: "controller")
            let draft = Self.controller(section, name: name, classes: classes, shelf: shelf, system: system)
            guard let draft else {
                isIncomplete = true
                continue
            }
            drafts.append(draft)
            if let other = stations.updateValue(draft.name, forKey: Station(endpoint: draft.endpoint, unit: draft.unit))
            {
                section[.address]?.reject(
                    found: "\(draft.endpoint) unit \(draft.unit), which is \(other)",
                    expected: "each controller to have its own address or unit")
            }
        }
    }

    /// Reads every key, also when the outcome is `nil`, so that all faults show.
    private static func controller(
        _ section: Section<Key>, name: String?, classes: ScanClasses, shelf: ProfileShelf, system: HostSystem
    ) -> ControllerDraft? {
        let endpoint = section.required(.address, Endpoint.configurationForm)?
            .text(Endpoint.configurationForm) { text throws(Expected) in
                try Endpoint(configured: text, ports: 1...65_535, resolve: system.resolve)
            }
        // Without a default: another unit behind the same gateway would answer with plausible numbers.
        let unit = section.required(.unit, "the unit identifier, 0 to 255")?.integer(in: 0...255)
        let profile = section[.profile].map(shelf.profile)
        let settings = (profile?.settings ?? DeviceSettings()).overridden(
            by: DeviceSettings(
                maxRegisters: section[.maxRegisters], maxGap: section[.maxGap], heartbeat: section[.heartbeat],
                heartbeatTimeout: section[.heartbeatTimeout], notation: section[.notation]))
        if profile == nil, !section.contains(.tags) {
            _ = section.required(.tags, "a list of tags, or a profile")
        }
        let own = section[.tags].map { TagList($0, notation: settings.notation ?? .zeroBased) } ?? TagList()
        let timeout = section.read(.timeout, default: defaultTimeout) { $0.duration(in: Limits.timeout) }
        let description = section[.description].flatMap { $0.text() }
        let scan = classes.overridden(by: section[.scan])
        guard let name, let endpoint, let unit else { return nil }
        return ControllerDraft(
            name: name, description: description, endpoint: endpoint, unit: UInt8(unit), model: profile?.model,
            timeout: timeout, settings: settings, scan: scan, tags: (profile?.tags ?? TagList()).overridden(by: own))
    }
}
