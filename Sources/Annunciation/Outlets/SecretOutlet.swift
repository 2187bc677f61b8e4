import Synchronization

/// An outlet that can only be made with what a file says, which may come later than the daemon: it is made at the first
/// line, and tried again like any other that fails.
public final class SecretOutlet: Outlet {
    public let acknowledges: Bool
    public let batchLimit: Int
    public let takesHeartbeats: Bool
    private let make: @Sendable () throws -> any Outlet
    private let state = Mutex(State())

    private struct State {
        var outlet: (any Outlet)?
        var isInterrupted = false
    }

    public init(
        acknowledges: Bool, batchLimit: Int, takesHeartbeats: Bool = false,
        make: @escaping @Sendable () throws -> any Outlet
    ) {
        self.acknowledges = acknowledges
        self.batchLimit = batchLimit
        self.takesHeartbeats = takesHeartbeats
        self.make = make
    }

    public func send(_ lines: [AlarmLine]) -> Delivery {
        let outlet: any Outlet
        do {
            outlet = try made()
        } catch {
            return .unavailable("\(error)")
        }
        return outlet.send(lines)
    }

    private func made() throws -> any Outlet {
        try state.withLock { state in
            if let outlet = state.outlet { return outlet }
            let outlet = try make()
            if state.isInterrupted { outlet.interrupt() }
            state.outlet = outlet
            return outlet
        }
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
