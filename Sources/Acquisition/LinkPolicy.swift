import Modbus

/// What the failure of one read means for everything else on the line. The whole policy is this one function.
enum LinkPolicy {
    enum Consequence: Hashable {
        /// The readings of the block are bad; the scan and the connection go on.
        case block
        /// The controller is lost and left alone for a while; the connection is made anew at once for the others.
        case controller
        /// All controllers of the line are lost; it backs off.
        case line
        /// Somebody wants the line to end.
        case end
    }

    /// - Parameter othersAnswer: another controller behind the same endpoint is answering. Behind a gateway silence
    ///   then means one dead unit, not a dead gateway, and the others must not pay for it.
    static func consequence(of error: ModbusError, othersAnswer: Bool) -> Consequence {
        switch error {
        case .exception: .block
        case .timeout: othersAnswer ? .controller : .line
        case .refused, .unreachable, .disconnected, .badReply, .localFault: .line
        case .stopped: .end
        }
    }
}
