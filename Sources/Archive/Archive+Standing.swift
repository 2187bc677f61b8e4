extension Archive {
    /// What stood at an instant: of each tag the newest reading at that time or before, bad ones too. Tags that have
    /// none are left out.
    ///
    /// A group's newest scan answers for all tags of its layout at once. A tag that another group read too, or that
    /// this one did not read then, is looked for alone.
    ///
    /// - Parameter tags: all of them, in the order of their names, when `nil`.
    public func standing(at time: Int64, _ tags: [StoredTag]? = nil) throws(ArchiveError) -> [Standing] {
        let tags = try all(or: tags)
        let selection = try selection(of: tags)
        guard let range = clamped(.min, time.clampedAdding(1)) else { return [] }
        let newest = try NewestScans(self, selection, range).find()
        var standing = [Newest?](repeating: nil, count: tags.count)
        var homes = [Set<Int64>](repeating: [], count: tags.count)
        for (layout, slots) in selection.slots {
            guard let group = selection.homes[layout] else { continue }
            for slot in slots { homes[slot.index].insert(group) }
        }
        for scan in newest.values {
            for (column, slot) in scan.run.slots.enumerated() {
                let here = Newest(scan: scan, column: column)
                if standing[slot.index].map({ $0.scan < scan }) ?? true { standing[slot.index] = here }
            }
        }
        var found: [Standing] = []
        for (index, tag) in tags.enumerated() where !homes[index].isEmpty {
            let here = standing[index]
            // A group that scanned later without this tag may have read it in between.
            let isSure = homes[index].allSatisfy { group in
                guard let other = newest[group] else { return true }
                guard let here else { return false }
                return other.time < here.scan.time || other.run.slots.contains { $0.index == index }
            }
            if isSure {
                guard let here else { continue }
                found.append(Standing(tag: tag, reading: try here.scan.reading(here.column, self)))
            } else {
                let cursor = try readings(of: tag, from: .min, to: time.clampedAdding(1), .descending)
                if let reading = try cursor.next() { found.append(Standing(tag: tag, reading: reading)) }
            }
        }
        return found
    }

    private struct Newest {
        var scan: NewestScan
        var column: Int
    }
}
