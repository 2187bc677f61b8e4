public import Plant

/// Something worth a line in the log of a simulation.
public enum SimulationNotice: Hashable, Sendable {
    case faultStarted(ScheduledFault)
    /// `at` is simulated time.
    case faultEnded(ScheduledFault, at: Duration)
    /// A client asked for something else than to read: nothing was changed. Once for each connection.
    case writeRefused(controller: String, function: UInt8)
    /// The listener of a controller that is back could not be opened; it is tried again.
    case cannotListen(Endpoint, reason: String)
}

extension SimulationNotice: CustomStringConvertible {
    public var description: String {
        switch self {
        case .faultStarted(let scheduled):
            "\(clock(scheduled.at)) \(scheduled.controller): \(scheduled.fault) begins"
                + (scheduled.lasting.map { ", for \($0.asSeconds.shortText) s" } ?? "")
        case .faultEnded(let scheduled, let at): "\(clock(at)) \(scheduled.controller): \(scheduled.fault) is over"
        case .writeRefused(let controller, let function): "\(controller): refused function code \(function)"
        case .cannotListen(let endpoint, let reason): "\(endpoint): cannot listen: \(reason)"
        }
    }

    /// `+0:00:20`: simulated time since the start.
    private func clock(_ time: Duration) -> String {
        let seconds = time.components.seconds
        let parts = [seconds / 60 % 60, seconds % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return "+\(seconds / 3600):\(parts[0]):\(parts[1])"
    }
}
