import Plant

/// One controller as `cupel.yaml` describes it, its profile taken in.
struct ControllerDraft {
    let name: String
    let description: String?
    /// The preferred one first; never empty.
    let endpoints: [Endpoint]
    let unit: UInt8
    let model: String?
    let settings: DeviceSettings
    let scan: ScanClasses
    let tags: TagList
    let product: ProductRule?

    var maxRegisters: Int { settings.maxRegisters ?? Limits.registers.upperBound }
}

/// All controllers that could be understood.
struct ControllerList {
    var drafts: [ControllerDraft] = []
    /// Some controller could not be understood, so a tag that is not found may well be one of its.
    var isIncomplete = false

    enum Key: String, SectionKey {
        case name, description, address, unit, profile, scan, tags, product
        case productFrom = "product_from"
    }

    /// What the controllers have in common.
    struct Surroundings {
        let classes: ScanClasses
        let shelf: ProfileShelf
        let table: TagTable
        let system: HostSystem
    }

    init(_ value: Value?, in surroundings: Surroundings) {
        let expected = "a list of controllers such as {name: F-01, address: 192.168.1.20:502, unit: 1, profile: plc}"
        guard let value, let items = value.list(expected) else {
            isIncomplete = true
            return
        }
        if items.isEmpty { value.reject(found: "an empty list", expected: "at least one controller") }
        var names: [String: Place] = [:]
        var stations = Stations()
        isIncomplete = surroundings.table.isIncomplete
        for item in items {
            guard let section = item.section(WithDeviceKeys<Key>.self, "a controller such as {name: F-01, …}") else {
                isIncomplete = true
                continue
            }
            let name = section.required(Key.name, "the controller's name")?
                .uniqueName(among: &names, what: "controller")
            guard let draft = Self.controller(section, name: name, in: surroundings) else {
                isIncomplete = true
                continue
            }
            drafts.append(draft)
            if let address = section[Key.address] { stations.add(draft, at: address) }
        }
        if !isIncomplete { surroundings.table.reportStrangers(besides: Set(names.keys)) }
    }

    /// Reads every key, also when the outcome is `nil`, so that all faults show.
    private static func controller(
        _ section: Section<WithDeviceKeys<Key>>, name: String?, in surroundings: Surroundings
    ) -> ControllerDraft? {
        let endpoints = section.required(Key.address, Endpoint.configurationForm)
            .flatMap { Self.endpoints($0, system: surroundings.system) }
        // Without a default: another unit behind the same gateway would answer with plausible numbers.
        let unit = section.required(Key.unit, "the unit identifier, 0 to 255")?.integer(in: Limits.unit)
        let profile = section[Key.profile].map(surroundings.shelf.profile)
        let settings = (profile?.settings ?? DeviceSettings()).overridden(by: DeviceSettings(section))
        let notation = settings.notation ?? .zeroBased
        let rows = name.map(surroundings.table.rows) ?? []
        if profile == nil, !section.contains(.own(.tags)), rows.isEmpty, !surroundings.table.isIncomplete {
            _ = section.required(Key.tags, "a list of tags, or a profile")
        }
        let tags = (profile?.tags ?? TagList())
            .overridden(by: section[Key.tags].map { TagList($0, notation: notation) } ?? TagList())
            .overridden(by: TagList(rows, notation: notation))
        let description = section[Key.description].flatMap { $0.text() }
        let scan = surroundings.classes.overridden(by: section[Key.scan])
        let product = ProductRule(fixed: section[Key.product], from: section[Key.productFrom])
        guard let name, let endpoints, let unit else { return nil }
        return ControllerDraft(
            name: name, description: description, endpoints: endpoints, unit: UInt8(unit), model: profile?.model,
            settings: settings, scan: scan, tags: tags, product: product)
    }

    /// One address, or a list with the preferred one first.
    private static func endpoints(_ value: Value, system: HostSystem) -> [Endpoint]? {
        let items: [Value]
        if value.isList {
            items = value.list(Endpoint.configurationForm) ?? []
            guard (1...Limits.addresses).contains(items.count) else {
                value.reject(found: "a list of \(items.count)", expected: "1 to \(Limits.addresses) addresses")
                return nil
            }
        } else {
            items = [value]
        }
        var endpoints: [Endpoint] = []
        for item in items {
            let endpoint = item.text(Endpoint.configurationForm) { text throws(Expected) in
                try Endpoint(configured: text, ports: 1...65_535, resolve: system.resolve)
            }
            guard let endpoint else { continue }
            if endpoints.contains(endpoint) {
                item.reject(found: "\(endpoint) again", expected: "each address once")
            }
            endpoints.append(endpoint)
        }
        return endpoints.count == items.count ? endpoints : nil
    }
}

/// Which controllers are behind which addresses.
private struct Stations {
    private struct Station: Hashable {
        let endpoint: Endpoint
        let unit: UInt8
    }

    private var names: [Station: String] = [:]
    private var lists: [Endpoint: (list: [Endpoint], name: String)] = [:]

    mutating func add(_ draft: ControllerDraft, at address: Value) {
        for endpoint in draft.endpoints {
            if let other = names.updateValue(draft.name, forKey: Station(endpoint: endpoint, unit: draft.unit)),
                other != draft.name
            {
                address.reject(
                    found: "\(endpoint) unit \(draft.unit), which is \(other)",
                    expected: "each controller to have its own address or unit")
            }
            guard let earlier = lists[endpoint] else {
                lists[endpoint] = (draft.endpoints, draft.name)
                continue
            }
            // Controllers share a connection when they have the same list.
            if earlier.list != draft.endpoints {
                address.warn(
                    "\(endpoint) is also an address of \(earlier.name), whose list is another, so it may get two "
                        + "connections")
            }
        }
    }
}
