import Archive

extension StagedImport {
    /// What would come of the import now: it looks, and changes nothing.
    public func preview(
        _ reader: HistoryReader?, progress: (ImportStatus) throws -> Void = { _ in }
    ) throws -> ImportStatus {
        let staging = try StagingReader(path)
        var status = ImportStatus(id: id, state: .comparing, rows: staging.rows)
        status.created = staging.subjects.values.count(where: \.isCreated)
        var after: (subject: Int64, time: Int64) = (0, .min)
        while true {
            let rows = try staging.next(ImportRun.piece, after: after)
            guard let last = rows.last else { break }
            after = (last.subject, last.time)
            for group in rows.bySubject { try count(group, staging, reader, &status) }
            status.taken += rows.count
            try progress(status)
        }
        status.state = staging.mode == .fail && !status.problems.isEmpty ? .refused : .done
        return status
    }

    private func count(
        _ group: ArraySlice<StagedReading>, _ staging: StagingReader, _ reader: HistoryReader?,
        _ status: inout ImportStatus
    ) throws {
        guard let subject = staging.subjects[group[group.startIndex].subject] else { return }
        var group = group
        let found = try reader?.read { archive in
            let young = group.drop { $0.time < archive.horizon }
            status.tooOld += group.count - young.count
            group = young
            return try archive.tag(named: subject.name).map { try Presence.of(group, $0, in: archive) }
        }
        guard let presence = found ?? nil else {
            status.imported += group.count
            return
        }
        for (reading, present) in zip(group, presence) {
            if present != .nothing, staging.mode == .fail, status.problems.count < ConflictSearch.told {
                status.problems.append(staging.conflict(reading))
            }
            switch present {
            case .nothing: status.imported += 1
            case .other where staging.mode == .replace:
                status.imported += 1
                status.replaced += 1
            case .same, .other: status.ignored += 1
            }
        }
    }
}
