import Glibc
import Ring
import Synchronization
import Testing

@Suite struct WorkerTests {
    /// What a body leaves behind for the test.
    private final class Findings: Sendable {
        let done = Atomic<Bool>(false)
        let thread = Mutex<pthread_t?>(nil)
        let name = Mutex("")
        var seenThread: pthread_t? { thread.withLock { $0 } }
        var seenName: String { name.withLock { $0 } }
        var isDone: Bool { done.load(ordering: .acquiring) }
    }

    @Test func joinWaitsForTheEndOfTheBody() throws {
        let (findings, bell) = (Findings(), Doorbell())
        let worker = try Worker(name: "body") {
            bell.wait(nanoseconds: 60_000_000_000)
            findings.done.store(true, ordering: .releasing)
        }
        bell.ring()
        worker.join()
        #expect(findings.isDone)
    }

    @Test func aSecondJoinReturns() throws {
        let worker = try Worker(name: "short") {}
        worker.join()
        worker.join()
    }

    @Test func theBodyRunsOnAThreadOfItsOwnUnderItsName() throws {
        let findings = Findings()
        let worker = try Worker(name: "line F-01") {
            findings.thread.withLock { $0 = pthread_self() }
            findings.name.withLock { $0 = Self.ownThreadName() }
        }
        worker.join()
        #expect(findings.seenName == "line F-01")
        #expect(findings.seenThread != pthread_self())
    }

    @Test func aNameIsCutAtFifteenBytes() throws {
        let findings = Findings()
        let worker = try Worker(name: "a name that is too long") {
            findings.name.withLock { $0 = Self.ownThreadName() }
        }
        worker.join()
        #expect(findings.seenName == "a name that is ")
    }

    @Test func theBodyOutlivesAWorkerThatNobodyKeeps() throws {
        let (findings, started, finish, finished) = (Findings(), Doorbell(), Doorbell(), Doorbell())
        do {
            _ = try Worker(name: "orphan") {
                started.ring()
                finish.wait(nanoseconds: 60_000_000_000)
                findings.done.store(true, ordering: .releasing)
                finished.ring()
            }
        }
        started.wait(nanoseconds: 60_000_000_000)
        finish.ring()
        finished.wait(nanoseconds: 60_000_000_000)
        #expect(findings.isDone)
    }

    @Test func aThreadThatCannotBeIsAnErrorThatNamesIt() {
        let error = #expect(throws: WorkerError.self) {
            _ = try Worker(name: "huge", stackBytes: 1 << 60) {}
        }
        #expect(error?.description.hasPrefix("cannot start thread huge: ") == true)
    }

    /// The Linux way; `pthread_getname_np` is hidden from Swift.
    private static func ownThreadName() -> String {
        guard let file = fopen("/proc/thread-self/comm", "r") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(max(count, 1) - 1), as: UTF8.self)
    }
}
