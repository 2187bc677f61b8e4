import Glibc
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

    var lastConfigurationError: String? { configurationError.withLock { $0 } }

    /// Validates the configuration and changes over to it; the errors, and nothing changed, when it has any.
    func reload(who: String) async -> String? {
        let free = reloading.withLock { busy in
            defer { busy = true }
            return !busy
        }
        guard free else { return "a reload is under way" }
        defer { reloading.withLock { $0 = false } }
        let outcome: String? = await onThread("reload") { [self] in changeOver(who: who) }
        configurationError.withLock { $0 = outcome }
        return outcome
    }

    /// One change of the plant at a time: a stop waits for a reload, and a reload finds out that it is over.
    private func changeOver(who: String) -> String? {
        isStopped.withLock { stopped in
            if stopped { return "the daemon is stopping" }
            notifier.reloading(monotonicNanoseconds: SystemClock().monotonic())
            defer { notifier.ready(status: statusLine()) }
            let loaded: LoadedConfiguration
            do {
                loaded = try loadConfiguration(configurationPath)
            } catch {
                refuse("\(error)", who)
                return "\(error)"
            }
            if let fault = fixedPaths(of: loaded.plant) {
                refuse(fault, who)
                return fault
            }
            let old = run
            old.stop()
            if let fault = begin(loaded.plant) {
                logger.critical("reload failed: \(fault); going back to the old configuration")
                return goBack(to: old.plant, after: fault)
            }
            journal(.reloaded, "a new configuration runs", who)
            logger.notice(
                "reloaded by \(who): \(loaded.plant.controllers.count) controllers, \(loaded.plant.tags.count) tags")
            return nil
        }
    }

    private func refuse(_ errors: String, _ who: String) {
        logger.error("reload by \(who) refused, the old configuration goes on:\n\(errors)")
        journal(.reloadRefused, "the configuration has errors; the old one goes on", who)
    }

    /// What readers hold on to cannot change under them: the socket, and the numbers of the journal.
    private func fixedPaths(of plant: Plant) -> String? {
        let old = run.plant
        if plant.console.socket != old.console.socket {
            return
                "console.socket: found \(plant.console.socket), expected \(old.console.socket): it changes only with a restart"
        }
        if plant.journal.path != old.journal.path {
            return
                "journal.path: found \(plant.journal.path), expected \(old.journal.path): it changes only with a restart"
        }
        return nil
    }

    /// Makes a plant the current one; why it could not, and everything let go of, otherwise.
    private func begin(_ plant: Plant) -> String? {
        do {
            let new = try PlantRun(plant: plant, paths: paths, hub: hub, logger: logger, logWriter: logWriter)
            current.withLock { $0 = new }
            do {
                try new.start(hub: hub)
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
    private func goBack(to plant: Plant, after fault: String) -> String {
        for _ in 0..<Daemon.goBackTries {
            guard let again = begin(plant) else { return fault }
            logger.critical("cannot go back yet: \(again)")
            usleep(Daemon.goBackPauseMicroseconds)
        }
        logger.critical("cannot go back: ending, so that the service manager starts again")
        kill(getpid(), SIGTERM)
        return fault
    }

    private func journal(_ event: DaemonEvent, _ text: String, _ who: String) {
        let now = SystemClock().wall() / 1_000_000
        run.journal.append(
            JournalEntry(
                notices: [.daemon(event, text: text, at: now, who: who)],
                audit: [
                    AuditRecord(time: now, who: who, what: "reload", subject: configurationPath, after: event.rawValue)
                ]))
    }
}
