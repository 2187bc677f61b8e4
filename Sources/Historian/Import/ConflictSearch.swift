import Archive

/// Looks for readings that are there already, because one of them forbids the import.
struct ConflictSearch {
    /// Of the last reading that was compared.
    private(set) var position: (subject: Int64, time: Int64) = (0, .min)
    private(set) var compared = 0
    /// The first conflicts, a line each.
    private(set) var conflicts: [String] = []
    private(set) var isOver = false

    /// Conflicts that are told one by one.
    static let told = 20

    /// - Parameter isLast: no more readings come.
    mutating func compare(
        _ rows: [StagedReading], isLast: Bool, _ staging: StagingReader, in archive: Archive
    ) throws {
        for group in rows.bySubject {
            guard let subject = staging.subjects[group[group.startIndex].subject],
                let tag = try archive.tag(named: subject.name)
            else { continue }
            for (reading, presence) in zip(group, try Presence.of(group, tag, in: archive)) where presence != .nothing {
                guard conflicts.count < ConflictSearch.told else { break }
                conflicts.append(staging.conflict(reading))
            }
        }
        compared += rows.count
        if let last = rows.last { position = (last.subject, last.time) }
        let isEnough = conflicts.count >= ConflictSearch.told
        if isEnough { conflicts.append("and perhaps more") }
        isOver = isLast || isEnough
    }
}
