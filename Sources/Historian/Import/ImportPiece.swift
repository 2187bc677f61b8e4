import Archive
import GRDB

/// The readings of one tag in a piece of an import: which of them are new, and where they go.
struct ImportPiece {
    private let group: ArraySlice<StagedReading>
    private let mode: ImportMode
    /// The first reading that the history still keeps.
    private let young: Int
    /// Of the readings from `young` on; `nil` when nothing can be there.
    private var presence: [Presence]?
    /// Indices in `group` of those that are taken.
    private var chosen: [Int] = []
    /// From here on the readings are left for the next piece.
    private var end: Int

    /// What is taken, in the order of time.
    private(set) var placed: [PlacedReading] = []
    private(set) var parts: [ImportCuts.Part] = []

    /// - Parameter horizon: older readings are deleted, and would never be seen again.
    init(_ group: ArraySlice<StagedReading>, _ mode: ImportMode, _ horizon: Int64) {
        (self.group, self.mode) = (group, mode)
        young = group.firstIndex { $0.time >= horizon } ?? group.endIndex
        end = group.endIndex
    }

    mutating func compare(with tag: StoredTag, in archive: Archive) throws {
        presence = try Presence.of(group[young...], tag, in: archive)
    }

    private func presence(at index: Int) -> Presence { presence?[index - young] ?? .nothing }

    private func isTaken(_ presence: Presence) -> Bool {
        switch presence {
        case .nothing: true
        case .same: false
        case .other: mode == .replace
        }
    }

    /// Brings what is taken into the form in which it is kept.
    mutating func place(in target: inout ImportTarget, preferred: ImportForm, _ database: Database) throws {
        placed.reserveCapacity(group.count)
        for index in young..<group.endIndex where isTaken(presence(at: index)) {
            chosen.append(index)
            placed.append(try target.place(group[index], preferred: preferred, in: database))
        }
    }

    /// Cuts it into spans and rows.
    ///
    /// - Parameters:
    ///   - isComplete: no more readings of this tag come in another piece.
    ///   - mayLeaveAll: the next piece begins here and brings more.
    mutating func cut(period: Int64, isComplete: Bool, mayLeaveAll: Bool) {
        let (times, layouts) = (placed.map(\.time), placed.map(\.layout))
        var cuts = ImportCuts(times: times, layouts: layouts, period: period, isComplete: isComplete)
        if !mayLeaveAll, cuts.end == 0, chosen.first == group.startIndex {
            cuts = ImportCuts(times: times, layouts: layouts, period: period, isComplete: true)
        }
        if cuts.end < chosen.count {
            end = chosen[cuts.end]
            placed.removeSubrange(cuts.end...)
        }
        parts = cuts.parts
    }

    /// Counts what was done with it.
    func count(into progress: inout ImportRecord.Progress) {
        progress.taken += end - group.startIndex
        progress.tooOld += min(young, end) - group.startIndex
        progress.imported += placed.count
        for index in young..<max(young, end) {
            let presence = presence(at: index)
            if !isTaken(presence) {
                progress.ignored += 1
            } else if presence == .other {
                progress.replaced += 1
            }
        }
        if end > group.startIndex { (progress.subject, progress.time) = (group[end - 1].subject, group[end - 1].time) }
    }
}
