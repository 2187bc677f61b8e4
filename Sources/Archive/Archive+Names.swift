extension Archive {
    /// All tags that were ever read, in the order of their names.
    public func tags() throws(ArchiveError) -> [StoredTag] {
        let statement = try prepare("SELECT \(Archive.tagColumns) FROM tag ORDER BY name")
        var tags: [StoredTag] = []
        while try statement.step() { tags.append(StoredTag(statement)) }
        return tags
    }

    /// `nil` when no tag of this name was ever read.
    public func tag(named name: String) throws(ArchiveError) -> StoredTag? {
        let statement = try prepare("SELECT \(Archive.tagColumns) FROM tag WHERE name = ?1")
        statement.bind(text: name, at: 1)
        return try statement.step() ? StoredTag(statement) : nil
    }

    func all(or tags: [StoredTag]?) throws(ArchiveError) -> [StoredTag] {
        if let tags { return tags }
        return try self.tags()
    }

    private static let tagColumns = "id, name, unit, description, kind, type, states, stepped, counter"

    /// The number of the newest scan of each group that was ever read, by the group's name.
    public func newestSequences() throws(ArchiveError) -> [String: UInt64] {
        // The group's row knows of those that were sealed or moved to `waiting`.
        let statement = try prepare(
            """
            SELECT name, max(sequence, ifnull(newest, 0)) FROM scan_group
            LEFT JOIN (SELECT scan_group AS id, max(sequence) AS newest FROM hot GROUP BY scan_group) USING (id)
            WHERE imported = 0
            """)
        var found: [String: UInt64] = [:]
        while try statement.step() {
            found[statement.string(0) ?? ""] = UInt64(bitPattern: statement.int(1))
        }
        return found
    }

    /// The time of the newest scan; `nil` when there is none yet.
    public func latestTime() throws(ArchiveError) -> Int64? {
        let hot = try statements[.hotLast]
        defer { hot.reset() }
        var latest = try hot.step() && !hot.isNull(0) ? hot.int(0) >> HotSource.ordinalBits : nil
        try refresh()
        if hasOldScans {
            let old = try prepare("SELECT max(time) FROM scans_1")
            if try old.step(), !old.isNull(0) { latest = max(latest ?? .min, old.int(0)) }
        }
        let groups = try prepare("SELECT id, longest_ms FROM scan_group WHERE imported = 0")
        let span = try prepare("SELECT max(t1) FROM span WHERE scan_group = ?1 AND t0 >= ?2")
        let begin = try prepare("SELECT max(t0) FROM span WHERE scan_group = ?1")
        let waiting = try prepare("SELECT max(time) FROM waiting WHERE scan_group = ?1")
        func note(_ statement: Statement) throws(ArchiveError) {
            if try statement.step(), !statement.isNull(0) { latest = max(latest ?? .min, statement.int(0)) }
        }
        while try groups.step() {
            for statement in [span, begin, waiting] { statement.reset() }
            begin.bind(groups.int(0))
            waiting.bind(groups.int(0))
            try note(waiting)
            guard try begin.step(), !begin.isNull(0) else { continue }
            span.bind(groups.int(0), begin.int(0).clampedSubtracting(groups.int(1)))
            try note(span)
        }
        return latest
    }

    /// The events that touch the range, in the order of their beginnings.
    public func events(from start: Int64, to end: Int64) throws(ArchiveError) -> [StoredEvent] {
        let statement = try prepare(
            """
            SELECT t0, t1, kind, subject, author, text, attrs FROM event
            WHERE t0 < ?2 AND (t1 IS NULL OR t1 > ?1 OR t0 >= ?1) ORDER BY t0, id
            """)
        statement.bind(start, end)
        var events: [StoredEvent] = []
        while try statement.step() {
            events.append(
                StoredEvent(
                    start: statement.int(0), end: statement.isNull(1) ? nil : statement.int(1),
                    kind: statement.string(2) ?? "", subject: statement.string(3), author: statement.string(4),
                    text: statement.string(5), attributes: StringMap.parse(statement.text(6))))
        }
        return events
    }
}

extension StoredTag {
    fileprivate init(_ statement: Statement) {
        self.init(
            id: statement.int(0), name: statement.string(1) ?? "", unit: statement.string(2),
            description: statement.string(3), kind: statement.string(4) ?? "", type: statement.string(5) ?? "",
            states: StringMap.parse(statement.text(6)), isStepped: statement.int(7) != 0,
            isCounter: statement.int(8) != 0)
    }
}

extension Archive {
    /// The shortest period of any group that ever read a tag, milliseconds.
    public func period(of tag: StoredTag) throws(ArchiveError) -> Int64 { try selection(of: tag).shortestPeriod }

    /// Between which times readings of a tag can stand; `nil` when it has none.
    public func extent(of tag: StoredTag) throws(ArchiveError) -> Range<Int64>? {
        let first = try readings(of: tag, from: .min, to: .max).next()
        let last = try readings(of: tag, from: .min, to: .max, .descending).next()
        guard let first, let last else { return nil }
        return first.time..<(last.time + max(1, try selection(of: tag).longestPeriod))
    }
}
