import Plant

/// The requests that are on their way, and which of them a frame answers.
package struct InFlight {
    package enum Match {
        /// The bytes of the values for the request with this index.
        case values(index: Int, UnsafeBufferPointer<UInt8>)
        /// The request with this index was refused with this code.
        case refused(index: Int, code: UInt8)
        /// It answers nothing that is on its way.
        case stray
    }

    private struct Departure {
        let transaction: UInt16
        let index: Int
        let request: ReadRequest
        /// CLOCK_MONOTONIC nanoseconds.
        let time: Int64
    }

    /// The oldest first.
    private var departures: [Departure] = []
    private var transaction: UInt16
    /// When the latest answer came.
    private var replied = Int64.min

    /// - Parameter transaction: the one before the first.
    package init(transaction: UInt16 = 0) {
        self.transaction = transaction
        departures.reserveCapacity(SocketTransport.maxDepth)
    }

    package var count: Int { departures.count }

    /// When the next reply must have come: so long after the oldest request has left or a reply has come, whichever is
    /// later. A device that works one after the other gets the time for each.
    ///
    /// - Returns: CLOCK_MONOTONIC nanoseconds; `.max` when nothing is on its way.
    package func deadline(_ timeout: Duration) -> Int64 {
        guard let oldest = departures.first?.time else { return .max }
        let (deadline, isBeyond) = max(oldest, replied).addingReportingOverflow(timeout.nanoseconds)
        return isBeyond ? .max : deadline
    }

    /// A transaction that nothing on its way has: a request may stay unanswered while 65 535 others come and go.
    package mutating func newTransaction() -> UInt16 {
        repeat { transaction &+= 1 } while departures.contains { $0.transaction == transaction }
        return transaction
    }

    package mutating func depart(_ request: ReadRequest, index: Int, transaction: UInt16, at time: Int64) {
        departures.append(Departure(transaction: transaction, index: index, request: request, time: time))
    }

    /// What a frame is. A request that it answers is no longer on its way.
    ///
    /// - Parameters:
    ///   - frame: as the framer gives it, nine bytes at least.
    ///   - time: when it came, in CLOCK_MONOTONIC nanoseconds.
    /// - Throws: `badReply` when it has a request's transaction and is no answer to that request.
    package mutating func match(_ frame: UnsafeBufferPointer<UInt8>, at time: Int64) throws(ModbusError) -> Match {
        let transaction = UInt16(frame[0]) << 8 | UInt16(frame[1])
        guard let place = departures.firstIndex(where: { $0.transaction == transaction }) else { return .stray }
        let departure = departures[place]
        do throws(ModbusError) {
            try ReplyCheck.check(frame, answers: departure.request, transaction: transaction)
        } catch {
            guard case .exception(let code) = error else { throw error }
            arrived(place, time)
            return .refused(index: departure.index, code: code)
        }
        arrived(place, time)
        return .values(index: departure.index, UnsafeBufferPointer(rebasing: frame[ReplyCheck.payloadOffset...]))
    }

    private mutating func arrived(_ place: Int, _ time: Int64) {
        departures.remove(at: place)
        replied = time
    }

    /// The connection is gone, and with it every answer. Transactions go on.
    package mutating func forget() { departures.removeAll(keepingCapacity: true) }
}
