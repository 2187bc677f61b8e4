import Synchronization

/// An outlet that is made with what a file says: a key or a password, which may come later than the daemon, or be wrong and
/// corrected while it runs. It is made at the first line, and after a send that failed the file is read anew: when it says
/// something else, the outlet is made anew, too.
public final class SecretOutlet: Outlet {
    public let acknowledges: Bool
    public let batchLimit: Int
    public let takesHeartbeats: Bool
    private let read: @Sendable () throws -> [UInt8]?
    private let make: @Sendable ([UInt8]?) -> any Outlet
    private let state = Mutex(State())

    private struct State {
        var outlet: (any Outlet)?
        /// What the outlet was made with.
        var secret: [UInt8]?
        /// The newest send failed: perhaps for a secret that has been changed.
        var isDoubtful = false
        var isInterrupted = false
    }

    /// - Parameters:
    ///   - read: the secret, `nil` when there is none.
    ///   - make: the outlet with it.
    public init(
        acknowledges: Bool, batchLimit: Int, takesHeartbeats: Bool = false,
        read: @escaping @Sendable () throws -> [UInt8]?, make: @escaping @Sendable ([UInt8]?) -> any Outlet
    ) {
        self.acknowledges = acknowledges
        self.batchLimit = batchLimit
        self.takesHeartbeats = takesHeartbeats
        self.read = read
        self.make = make
    }

    public func send(_ lines: [AlarmLine]) -> Delivery {
        let outlet: any Outlet
        do {
            outlet = try ready()
        } catch {
            return .unavailable("\(error)")
        }
        let delivery = outlet.send(lines)
        state.withLock { $0.isDoubtful = delivery.trouble != nil }
        return delivery
    }

    private func ready() throws -> any Outlet {
        let (present, secret, isDoubtful) = state.withLock { ($0.outlet, $0.secret, $0.isDoubtful) }
        guard let present else { return exchange(for: try read()) }
        guard isDoubtful else { return present }
        // A file that cannot be read at the moment, being replaced perhaps, says nothing against the secret we have.
        guard let newest = try? read(), newest != secret else { return present }
        present.close()
        return exchange(for: newest)
    }

    private func exchange(for secret: [UInt8]?) -> any Outlet {
        let outlet = make(secret)
        let isInterrupted = state.withLock { state in
            (state.outlet, state.secret, state.isDoubtful) = (outlet, secret, false)
            return state.isInterrupted
        }
        if isInterrupted { outlet.interrupt() }
        return outlet
    }

    public func interrupt() {
        let outlet = state.withLock { state in
            state.isInterrupted = true
            return state.outlet
        }
        outlet?.interrupt()
    }

    public func close() { state.withLock { $0.outlet }?.close() }
}
