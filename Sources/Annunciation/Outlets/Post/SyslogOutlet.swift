import Glibc
public import Plant
import Synchronization

/// Sends lines to a collector of logs over TCP or TLS.
///
/// Best effort: the protocol has no acknowledgement, and what the kernel took may never be read. A connection that the
/// collector has closed is noticed before the next line is written to it; what was written in between is lost.
public final class SyslogOutlet: Outlet {
    public var acknowledges: Bool { false }
    public var batchLimit: Int { 100 }

    private struct State {
        var stream: SyslogStream?
        /// Of the last message.
        var number: Int32 = 0

        mutating func next() -> Int32 {
            number = number == .max ? 1 : number + 1
            return number
        }
    }

    private let settings: SyslogSettings
    private let host: String
    /// `total` is how long one message may wait for a collector that does not read.
    private let limits: TransferLimits
    private let stop = OutletStop()
    private let state = Mutex(State())

    /// - Parameter host: the name of the machine the daemon runs on.
    public convenience init(settings: SyslogSettings, host: String) {
        self.init(settings: settings, host: host, limits: .request)
    }

    init(settings: SyslogSettings, host: String, limits: TransferLimits) {
        (self.settings, self.host, self.limits) = (settings, host, limits)
    }

    public func interrupt() { stop.set() }
    public func close() { state.withLock { $0.stream = nil } }

    public func send(_ lines: [AlarmLine]) -> Delivery {
        state.withLock { state in
            var done = Delivery(taken: 0)
            do throws(TransferError) {
                let stream = try open(&state)
                for line in lines {
                    let message = SyslogMessage(line: line, host: host, process: getpid(), number: state.next())
                    try stream.write(message.bytes)
                    done.taken += 1
                }
                done.answer = "\(lines.count) \(lines.count == 1 ? "message" : "messages") written"
            } catch {
                // Half a message in it would make nonsense of all that follow: they are counted, not separated.
                state.stream = nil
                done.trouble = .unavailable(error == .stopped ? OutletStop.answer : "\(settings.server): \(error)")
            }
            return done
        }
    }

    private func open(_ state: inout State) throws(TransferError) -> SyslogStream {
        guard !stop.isSet else { throw .stopped }
        if let stream = state.stream {
            do {
                try stream.check()
                return stream
            } catch {
                state.stream = nil
            }
        }
        let stream = try SyslogStream(settings: settings, limits: limits, stop: stop)
        state.stream = stream
        return stream
    }
}
