/// Where the readings of some tags are: the scan groups that ever read them, and their slots by layout.
struct Selection {
    var groups: [GroupState]
    /// In the order of the slots.
    var slots: [Int64: [SlotFormat]]
    /// The longest and the shortest period of any of the layouts, milliseconds.
    var longestPeriod: Int64
    var shortestPeriod: Int64
    /// The group of each layout, where many tags were asked for.
    var homes: [Int64: Int64] = [:]

    var hasImports: Bool { groups.contains(where: \.isImported) }
}

/// What a scan group's row says now: it changes with every sealing.
struct GroupState {
    let id: Int64
    /// Rows in `hot` up to this ordinal are in a span or in `waiting`.
    let cut: Int64
    /// No span of the group is longer, milliseconds.
    let longest: Int64
    let isImported: Bool
}

extension Archive {
    /// A tag's slots are looked up once and again only when there are new layouts; its groups are read each time.
    func selection(of tag: StoredTag) throws(ArchiveError) -> Selection {
        try refresh()
        let home = try home(of: tag)
        var groups: [GroupState] = []
        for group in home.groups { groups.append(try state(of: group)) }
        return Selection(
            groups: groups, slots: home.slots, longestPeriod: home.longestPeriod,
            shortestPeriod: min(home.shortestPeriod, home.longestPeriod))
    }

    func state(of group: Int64) throws(ArchiveError) -> GroupState {
        let statement = try statements[.group]
        defer { statement.reset() }
        statement.bind(group)
        guard try statement.step() else { return GroupState(id: group, cut: 0, longest: 0, isImported: false) }
        return GroupState(
            id: group, cut: statement.int(0), longest: statement.int(1), isImported: statement.int(2) != 0)
    }

    private func home(of tag: StoredTag) throws(ArchiveError) -> TagHome {
        if let known = homes[tag.id] { return known }
        var home = TagHome()
        let statement = try statements[.tagLayouts]
        defer { statement.reset() }
        statement.bind(tag.id)
        while try statement.step() {
            let (layout, group) = (statement.int(0), statement.int(1))
            guard let format = SlotFormat(statement, tag: tag.id, index: 0, from: 2) else { continue }
            if !home.groups.contains(group) { home.groups.append(group) }
            home.slots[layout] = [format]
            home.longestPeriod = max(home.longestPeriod, format.period)
            home.shortestPeriod = min(home.shortestPeriod, format.period)
        }
        home.groups.sort()
        homes[tag.id] = home
        return home
    }
}

/// All slots of all layouts, for questions about many tags.
struct LayoutTable {
    /// By layout.
    var groups: [Int64: Int64] = [:]
    /// By layout, in the order of the slots.
    var slots: [Int64: [SlotFormat]] = [:]
}

extension Archive {
    /// - Parameter tags: slots name them by their place here.
    func selection(of tags: [StoredTag]) throws(ArchiveError) -> Selection {
        try refresh()
        let table = try layoutTable()
        let places = Dictionary(tags.indices.map { (tags[$0].id, $0) }) { first, _ in first }
        var selection = Selection(groups: [], slots: [:], longestPeriod: 1, shortestPeriod: 1)
        var groups: Set<Int64> = []
        for (layout, all) in table.slots {
            var slots: [SlotFormat] = []
            for slot in all {
                guard let place = places[slot.tag] else { continue }
                slots.append(slot.at(place))
                selection.longestPeriod = max(selection.longestPeriod, slot.period)
            }
            guard !slots.isEmpty, let group = table.groups[layout] else { continue }
            selection.slots[layout] = slots
            groups.insert(group)
        }
        selection.homes = table.groups
        for group in groups.sorted() { selection.groups.append(try state(of: group)) }
        return selection
    }

    private func layoutTable() throws(ArchiveError) -> LayoutTable {
        if let layouts { return layouts }
        var table = LayoutTable()
        let statement = try statements[.allLayouts]
        defer { statement.reset() }
        while try statement.step() {
            let layout = statement.int(0)
            guard let format = SlotFormat(statement, tag: statement.int(9), index: 0, from: 2) else { continue }
            table.groups[layout] = statement.int(1)
            table.slots[layout, default: []].append(format)
        }
        layouts = table
        return table
    }
}

/// The part of a selection that never changes while no layout is added.
struct TagHome {
    var groups: [Int64] = []
    var slots: [Int64: [SlotFormat]] = [:]
    var longestPeriod: Int64 = 1
    var shortestPeriod = Int64.max
}
