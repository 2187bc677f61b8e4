import Acquisition
import Console
import Glibc
import Historian
import Journal
import Logging
import Plant
import PlantConfiguration
import Synchronization

/// Changing over to the configuration on disk, or staying with the one that runs.
extension Daemon {
    /// After a reload that failed the old configuration is tried so often, a second apart.
    static let goBackTries = 20
    static let goBackPauseMicroseconds: UInt32 = 1_000_000

    /// How long a reload waits for the history to take over the change before: a commit takes milliseconds, and seconds
    /// while somebody holds the database. Shorter than who asks waits for an answer.
    static let historyPatience: Duration = .seconds(8)
    private static let historyLookMicroseconds: UInt32 = 10_000

    var lastConfigurationError: String? { configurationError.withLock { $0 } }

    /// Validates the configuration and goes over to it; the errors, and nothing changed, when it has any.
    ///
    /// While a reload is under way those who ask wait for one more after it, which is for all of them.
    func reload(who: String) async -> Result<ReloadReport, ReloadRefusal> {
        await reloads.pass(who) { [self] who in
            let outcome: Result<ReloadReport, ReloadRefusal> = await onThread("reload") { [self] in
                awaitHistory()
                return Result { () throws(ReloadRefusal) in try goOver(who: who) }
            }
            configurationError.withLock { error in
                switch outcome {
                case .success: error = nil
                case .failure(let refusal): error = refusal.errors
                }
            }
            return outcome
        }
    }

    /// Waits until the history has taken over the last change: before, it can take no other. Outside of the lock, so that
    /// a stop need not wait.
    private func awaitHistory() {
        let end = SystemClock().monotonic() + Daemon.historyPatience.nanoseconds
        while run.recorder.isChanging, SystemClock().monotonic() < end, !isStopped.withLock({ $0 }) {
            usleep(Daemon.historyLookMicroseconds)
        }
    }

    /// One change of the plant at a time: a stop waits for a reload, and a reload finds out that it is over.
    private func goOver(who: String) throws(ReloadRefusal) -> ReloadReport {
        try isStopped.withLock { stopped throws(ReloadRefusal) in
            if stopped { throw ReloadRefusal("the daemon is stopping") }
            notifier.reloading(monotonicNanoseconds: SystemClock().monotonic())
            defer { notifier.ready(status: statusLine()) }
            let loaded: LoadedConfiguration
            do {
                loaded = try loadConfiguration(configurationPath, state: paths.state)
            } catch {
                throw refuse("\(error)", who)
            }
            if let fault = fixedPaths(of: loaded.plant) { throw refuse(fault, who) }
            let report = try change(to: loaded.plant, who)
            journal(.reloaded, "a new configuration runs: \(report.summary)", who)
            let size = "\(loaded.plant.controllers.count) controllers, \(loaded.plant.tagCount) tags"
            logger.notice("reloaded by \(who): \(size); \(report.summary)")
            return report
        }
    }

    /// By difference where that is possible, else by a run of its own.
    private func change(to plant: Plant, _ who: String) throws(ReloadRefusal) -> ReloadReport {
        let run = self.run
        let plan = ScanPlan(plant: plant)
        if let obstacle = run.obstacle(to: plant, plan) { return try exchange(run, for: plant, plan, obstacle) }
        let old = run.plant
        do throws(ChangeFault) {
            let report = ReloadReport(try run.change(to: plant, plan))
            let now = now()
            run.recorder.record(
                HistoryEvent(.annotation, start: now, end: now, author: who, text: "reloaded: \(report.summary)"))
            return report
        } catch {
            switch error {
            case .refused(let fault):
                throw refuse(fault, who)
            case .broken(let fault):
                logger.critical("reload failed: \(fault); going back to the old configuration")
                run.stop()
                throw goBack(to: old, after: fault)
            }
        }
    }

    /// Stops everything and starts the new plant.
    private func exchange(
        _ run: PlantRun, for plant: Plant, _ plan: ScanPlan, _ obstacle: String
    ) throws(ReloadRefusal) -> ReloadReport {
        logger.notice("starting everything anew: \(obstacle)")
        let (old, before) = (run.plant, run.lines.count)
        run.stop()
        if let fault = begin(plant, after: run) {
            logger.critical("reload failed: \(fault); going back to the old configuration")
            throw goBack(to: old, after: fault)
        }
        return ReloadReport(kept: 0, changed: 0, added: plan.lines.count, removed: before, everything: obstacle)
    }

    private func refuse(_ errors: String, _ who: String) -> ReloadRefusal {
        logger.error("reload by \(who) refused, the old configuration goes on:\n\(errors)")
        journal(.reloadRefused, "the new configuration was refused; the old one goes on", who)
        return ReloadRefusal(errors)
    }

    /// What readers hold on to cannot change under them: the sockets, and the numbers of the journal.
    private func fixedPaths(of plant: Plant) -> String? {
        let old = run.plant
        if plant.console.socket != old.console.socket {
            let (found, expected) = (plant.console.socket ?? "nothing", old.console.socket ?? "nothing")
            return "console.socket: found \(found), expected \(expected): it changes only with a restart"
        }
        if plant.console.stream != old.console.stream {
            let (found, expected) = (plant.console.stream ?? "nothing", old.console.stream ?? "nothing")
            return "console.stream: found \(found), expected \(expected): it changes only with a restart"
        }
        if plant.journal.path != old.journal.path {
            return
                "journal.path: found \(plant.journal.path), expected \(old.journal.path): it changes only with a restart"
        }
        return nil
    }

    /// Makes a plant the current one; why it could not, and everything let go of, otherwise.
    private func begin(_ plant: Plant, after run: PlantRun) -> String? {
        do {
            var kept = KeptDescriptors(readings: run.left)
            let new = try PlantRun(plant: plant, paths: paths, logger: logger, kept: &kept, notifier: notifier)
            current.withLock { $0 = new }
            do {
                try new.start(feed: feed)
                return nil
            } catch {
                new.stop()
                return "\(error)"
            }
        } catch {
            return "\(error)"
        }
    }

    /// The configuration is good but a database is not, perhaps because somebody holds it for a moment. A plant that is
    /// not watched is worse than a late answer, so the way back is tried for a while; then the service manager starts anew.
    private func goBack(to plant: Plant, after fault: String) -> ReloadRefusal {
        for _ in 0..<Daemon.goBackTries {
            guard let again = begin(plant, after: run) else { return ReloadRefusal(fault) }
            logger.critical("cannot go back yet: \(again)")
            usleep(Daemon.goBackPauseMicroseconds)
        }
        logger.critical("cannot go back: ending, so that the service manager starts again")
        kill(getpid(), SIGTERM)
        return ReloadRefusal(fault)
    }

    private func journal(_ event: DaemonEvent, _ text: String, _ who: String) {
        let now = now()
        run.journal.append(
            JournalEntry(
                notices: [.daemon(event, text: text, at: now, who: who)],
                audit: [
                    AuditRecord(time: now, who: who, what: "reload", subject: configurationPath, after: event.rawValue)
                ]))
    }

    private func now() -> Int64 { SystemClock().wall() / 1_000_000 }
}

extension ReloadReport {
    init(_ difference: LineDifference) {
        self.init(
            kept: difference.kept.count, changed: difference.changed.count, added: difference.added.count,
            removed: difference.removed.count)
    }
}
