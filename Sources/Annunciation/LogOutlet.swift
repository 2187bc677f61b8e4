/// The daemon's own log: under systemd the journal, with the alarm's priority; in a terminal plain lines.
public final class LogOutlet: Outlet {
    private let write: @Sendable (_ severity: Int, _ text: String) -> Void

    /// - Parameter write: takes syslog's number and the line; must not block.
    public init(write: @escaping @Sendable (_ severity: Int, _ text: String) -> Void) { self.write = write }

    public func send(_ line: AlarmLine) -> Delivery {
        // A heartbeat has nothing to say to people.
        if !line.text.isEmpty { write(line.severity, line.text) }
        return .delivered
    }
}
