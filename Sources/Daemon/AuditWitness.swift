import Journal
import Logging
import ServiceLifecycle

/// Writes the newest link of the audit trail into the log, at the start and each hour in which it has changed. The log is
/// kept by another user, the system's: who changes the journal and makes its chain anew cannot change what was noted there.
struct AuditWitness: Service {
    static let every: Duration = .seconds(3600)

    let daemon: Daemon

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var noted: AuditHead?
            while !Task.isCancelled {
                let journal = daemon.run.journal
                let head = await onThread("audit") { try? journal.auditHead() }
                if let head, head != noted, head.number > 0 {
                    daemon.logger.notice("audit trail: its newest record is \(head)")
                    noted = head
                }
                try? await Task.sleep(for: AuditWitness.every)
            }
        }
    }
}
