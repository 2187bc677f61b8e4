import Plant

extension Supervision {
    enum Key: String, SectionKey {
        case flood, chatter
        case massExit = "mass_exit"
    }
    enum FloodKey: String, SectionKey { case starts, ends, within, digest }
    enum ChatterKey: String, SectionKey { case changes, within, hold }
    enum MassExitKey: String, SectionKey { case alarms, within }

    init(_ value: Value?) {
        guard let section = value?.section(Key.self, "a section such as {flood: {starts: 10, within: 10m}}") else {
            self.init()
            return
        }
        self.init(
            flood: section.read(.flood, default: Flood(), Self.flood),
            chatter: section.read(.chatter, default: Chatter(), Self.chatter),
            massExit: section.read(.massExit, default: MassExit(), Self.massExit))
    }

    private static func flood(_ value: Value) -> Flood? {
        guard let section = value.section(FloodKey.self, "a section such as {starts: 10, ends: 5, within: 10m}") else {
            return nil
        }
        let usual = Flood()
        let starts = section.read(.starts, default: usual.starts) { $0.integer(in: Limits.floodCount) }
        let ends = section.read(.ends, default: min(usual.ends, starts)) { $0.integer(in: Limits.floodCount) }
        if ends > starts { section[.ends]?.reject(expected: "at most starts, \(starts)") }
        return Flood(
            starts: starts, ends: ends,
            window: section.read(.within, default: usual.window) { $0.duration(in: Limits.floodWindow) },
            digestEvery: section.read(.digest, default: usual.digestEvery) { $0.duration(in: Limits.digest) })
    }

    private static func chatter(_ value: Value) -> Chatter? {
        guard let section = value.section(ChatterKey.self, "a section such as {changes: 6, within: 1m, hold: 3m}")
        else { return nil }
        let usual = Chatter()
        return Chatter(
            changes: section.read(.changes, default: usual.changes) { $0.integer(in: Limits.chatterChanges) },
            window: section.read(.within, default: usual.window) { $0.duration(in: Limits.chatterWindow) },
            hold: section.read(.hold, default: usual.hold) { $0.duration(in: Limits.chatterWindow) })
    }

    private static func massExit(_ value: Value) -> MassExit? {
        guard let section = value.section(MassExitKey.self, "a section such as {alarms: 5, within: 2s}") else {
            return nil
        }
        let usual = MassExit()
        return MassExit(
            alarms: section.read(.alarms, default: usual.alarms) { $0.integer(in: Limits.floodCount) },
            window: section.read(.within, default: usual.window) { $0.duration(in: Limits.massExitWindow) })
    }
}
