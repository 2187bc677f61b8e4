import Plant

/// Who the plant is.
struct PlantIdentity {
    var name = ""
    var site = ""
    var timeZone = Self.usualTimeZone

    static let usualTimeZone = "UTC"

    enum Key: String, SectionKey {
        case name, site
        case timeZone = "time_zone"
    }

    init(_ value: Value?, system: HostSystem) {
        guard let section = value?.section(Key.self, "a section with the plant's name") else { return }
        name = section.required(.name, "the plant's name")?.text() ?? ""
        site = section.read(.site, default: name) { $0.text() }
        timeZone = section.read(.timeZone, default: timeZone) {
            $0.text(timeZoneForm) { text throws(Expected) in
                try checkedTimeZone(text, folder: system.zoneFolder)
            }
        }
    }
}
