/// A place outside the daemon that lines go to. Its calls come from the sink's own thread and may block it for the time
/// the outlet is given; `interrupt` comes from any.
public protocol Outlet: AnyObject, Sendable {
    /// Whether it knows that a line arrived. A sink that acknowledges goes on where it was after a restart; one that
    /// cannot tells its reader how many lines were lost.
    var acknowledges: Bool { get }
    /// The most lines that one `send` may be given.
    var batchLimit: Int { get }
    /// Whether somebody at the other end listens for the sign that all is well.
    var takesHeartbeats: Bool { get }
    /// Whether a try costs nothing, so that one that failed is repeated every second instead of ever more seldom.
    var isCheapToTry: Bool { get }
    /// Sends lines, in order, and says how far it came.
    func send(_ lines: [AlarmLine]) -> Delivery
    /// Ends a `send` that takes its time, and all later ones at once: the daemon is stopping.
    func interrupt()
    /// Gives up what it holds open. After the last `send`.
    func close()
}

extension Outlet {
    public var batchLimit: Int { 1 }
    public var takesHeartbeats: Bool { false }
    public var isCheapToTry: Bool { false }
    /// Most outlets never take long.
    public func interrupt() {}
    public func close() {}
}

/// What became of the lines of one `send`.
public struct Delivery: Sendable, Equatable {
    public enum Trouble: Sendable, Equatable {
        /// Nobody there, or not taking: the first line not taken is tried again, not before `after` where one was asked
        /// for.
        case unavailable(String, after: Duration? = nil)
        /// The other end turned the first line not taken down, and may mean the line or itself: lines of low and medium
        /// priority are refused after some tries, others are tried for ever.
        case declined(String)
        /// The first line not taken will not be taken as it is, however often it is tried.
        case refused(String)
    }

    /// So many of the lines, from the first, were taken.
    public var taken: Int
    /// Why not all of them.
    public var trouble: Trouble?
    /// What came back, for whoever tests a sink: `HTTP 204`, what a program printed.
    public var answer: String?
    /// CLOCK_MONOTONIC nanoseconds when the last byte had left, where the answer came later; `nil` for the end of `send`.
    public var written: Int64?
    /// The lines not taken may have arrived all the same: what goes out next of them is marked as a repeat.
    public var mayHaveArrived = false

    public init(taken: Int, trouble: Trouble? = nil, answer: String? = nil, written: Int64? = nil) {
        (self.taken, self.trouble, self.answer, self.written) = (taken, trouble, answer, written)
    }

    public static func all(of lines: [AlarmLine], answer: String? = nil, written: Int64? = nil) -> Delivery {
        Delivery(taken: lines.count, answer: answer, written: written)
    }

    public static func unavailable(_ reason: String, taken: Int = 0, after: Duration? = nil) -> Delivery {
        Delivery(taken: taken, trouble: .unavailable(reason, after: after))
    }

    public static func declined(_ reason: String, answer: String? = nil) -> Delivery {
        Delivery(taken: 0, trouble: .declined(reason), answer: answer)
    }

    /// The same, of lines that may have arrived.
    var unclear: Delivery {
        var delivery = self
        delivery.mayHaveArrived = true
        return delivery
    }

    public static func refused(_ reason: String, taken: Int = 0, answer: String? = nil) -> Delivery {
        Delivery(taken: taken, trouble: .refused(reason), answer: answer)
    }
}
