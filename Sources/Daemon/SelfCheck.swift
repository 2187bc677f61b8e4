import Annunciation
import Historian
import Journal
import Plant
import ServiceLifecycle
import Synchronization

/// Asks the parts of Cupel how they are, and tells the alarms. A service of its own: the heartbeats are too seldom for
/// delays of ten seconds to be exact.
struct SelfCheck: Service {
    static let every: Duration = .seconds(1)

    let daemon: Daemon

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var selfWatch = SelfWatch()
            while !Task.isCancelled {
                look(&selfWatch)
                try? await Task.sleep(for: SelfCheck.every)
            }
        }
    }

    private func look(_ selfWatch: inout SelfWatch) {
        let run = daemon.run
        selfWatch.look(
            sinks: run.sinks.faults, recorder: run.recorder.status, journal: run.journal.status,
            at: SystemClock().monotonic()
        ).report(to: run.watch)
    }
}
