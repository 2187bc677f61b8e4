import Modbus

/// What the failure of one request means for everything else on the line. The whole policy is this one function.
enum LinkPolicy {
    enum Consequence: Hashable {
        /// The block is halved until it is known which of its registers are refused.
        case registers
        /// The readings of the block are bad; the scan and the connection go on.
        case block
        /// The controller is lost and left alone for a while; the others go on, on a new connection where this one
        /// can no longer be trusted.
        case controller
        /// All controllers of the line are lost; it backs off.
        case line
        /// Somebody wants the line to end.
        case end
    }

    /// - Parameter othersAnswer: another controller behind the same endpoint is answering. Behind a gateway silence, a
    ///   wrong reply or a connection that is cut then mean one sick unit, not a dead gateway, and the others must not pay
    ///   for it. If it is the gateway, the next one to be asked shows it.
    static func consequence(of error: ModbusError, othersAnswer: Bool) -> Consequence {
        switch error {
        // Illegal data address, and illegal data value, which is what many say of a length they do not take.
        case .exception(2), .exception(3): .registers
        // The gateway's word that it finds no way to the unit, or no answer from it: the link itself is well.
        case .exception(10), .exception(11): .controller
        case .exception: .block
        case .timeout, .badReply, .disconnected: othersAnswer ? .controller : .line
        case .refused, .unreachable, .localFault: .line
        case .stopped: .end
        }
    }
}
