import CPosix
import Glibc
import Synchronization

/// An OS thread of our own, for work that blocks in C: the cooperative pool is as wide as the machine has cores, and
/// two blocked tasks would stop everything else on it.
public final class Worker: Sendable {
    private let thread = Mutex<pthread_t?>(nil)

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - name: what `top -H` and a debugger show; 15 bytes.
    ///   - stackBytes: 512 KiB unless the work needs more; sixty lines should not reserve half a gigabyte.
    ///   - timerSlack: how late in nanoseconds its sleeps may end; the kernel's default is 50 µs.
    public init(
        name: String, stackBytes: Int = 512 * 1024, timerSlack: UInt64? = nil, _ body: @escaping @Sendable () -> Void
    ) throws(WorkerError) {
        let box = Unmanaged.passRetained(Body(name: name, timerSlack: timerSlack, run: body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, stackBytes)
        defer { pthread_attr_destroy(&attributes) }
        var id = pthread_t()
        let code = pthread_create(
            &id, &attributes,
            { argument in
                let body = Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue()
                cupel_name_thread(body.name)
                if let slack = body.timerSlack { cupel_timer_slack(slack) }
                body.run()
                return nil
            }, box.toOpaque())
        guard code == 0 else {
            box.release()
            throw WorkerError(name: name, code: code)
        }
        let started = id
        thread.withLock { $0 = started }
    }

    deinit {
        // Not joined: the thread goes on by itself, and the system may reclaim it when it ends.
        if let id = thread.withLock({ $0 }) { pthread_detach(id) }
    }

    /// Waits for the thread to end. Only the first call waits. Never call it on the thread itself.
    public func join() {
        let id = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let id { pthread_join(id, nil) }
    }

    private final class Body: Sendable {
        let name: String
        let timerSlack: UInt64?
        let run: @Sendable () -> Void
        init(name: String, timerSlack: UInt64?, run: @escaping @Sendable () -> Void) {
            (self.name, self.timerSlack, self.run) = (name, timerSlack, run)
        }
    }
}

/// The system gave no thread.
public struct WorkerError: Error, CustomStringConvertible {
    public let name: String
    public let code: CInt
    public var description: String { "cannot start thread \(name): \(String(cString: strerror(code)))" }
}
