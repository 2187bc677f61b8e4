import Plant

/// Why a transfer brought no whole answer. Each reads on after the place's name and a colon.
enum TransferError: Error, Equatable, CustomStringConvertible {
    /// The daemon is stopping.
    case stopped
    case noConnection(within: Duration)
    case noAnswer(within: Duration)
    /// More came than anybody who takes alarms has to say.
    case endless(limit: Int)
    /// Anything else, in libcurl's or the kernel's words.
    case failed(String)

    var description: String {
        switch self {
        case .stopped: OutletStop.answer
        case .noConnection(let limit): "no connection within \(limit)"
        case .noAnswer(let limit): "no whole answer within \(limit)"
        case .endless(let limit): "the answer is longer than \(limit) bytes"
        case .failed(let reason): reason
        }
    }
}
