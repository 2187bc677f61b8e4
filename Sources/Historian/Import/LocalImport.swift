public import Plant
import Store

/// An import into a history that no daemon writes.
public enum LocalImport {
    /// Takes a staged import over, here and now, and finishes those that a dead daemon began.
    ///
    /// - Parameters:
    ///   - path: the database; created when there is none.
    ///   - plant: as configured; not asked for when a daemon writes the history.
    ///   - progress: told after each piece; what it throws ends the work there. The next daemon finishes it.
    /// - Throws: `HistoryError.held` when a daemon writes the history, or what `progress` throws.
    public static func run(
        _ staged: StagedImport, into path: String, plant: @autoclosure () throws -> Plant, author: String,
        clock: any PlantClock = SystemClock(), progress: (ImportStatus) throws -> Void = { _ in }
    ) throws -> ImportStatus {
        let lock: FileLock
        do {
            lock = try FileLock(guarding: path)
        } catch {
            throw HistoryError(path: path, error)
        }
        defer { lock.release() }
        let store = try HistoryStore(path: path, plant: plant(), time: clock.wall() / 1_000_000, beginsRun: false)
        let desk = ImportDesk(history: path)
        desk.enter(staged.id, author: author)
        var imports = Imports(desk)
        do {
            while try imports.step(store, now: clock.wall() / 1_000_000) {
                if let status = desk.status(of: staged.id) { try progress(status) }
            }
        } catch {
            try? store.close()
            throw error
        }
        try store.close()
        return desk.status(of: staged.id) ?? ImportStatus(id: staged.id, state: .failed)
    }
}
