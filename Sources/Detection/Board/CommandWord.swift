extension AlarmCommand {
    /// As operators type it, and as the audit trail keeps it.
    public var word: String {
        switch self {
        case .acknowledge: "ack"
        case .unacknowledge: "unack"
        case .reset: "reset"
        case .shelve: "shelve"
        case .unshelve: "unshelve"
        case .suppress: "suppress"
        case .unsuppress: "unsuppress"
        case .takeOutOfService: "out-of-service"
        case .returnToService: "return"
        case .test: "test"
        }
    }
}
