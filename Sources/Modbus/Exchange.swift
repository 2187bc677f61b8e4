public import Plant

/// A request and what came back for it, as a log of frames shows them.
public struct Exchange: Hashable, Sendable {
    public let request: Frame
    /// The frame with the request's transaction on the same connection; `nil` when none came.
    public let reply: Frame?
    /// What was asked.
    public let asked: ReadRequest

    public var unit: UInt8 { asked.unit }
    public var table: RegisterTable { asked.range.table }
    /// The first wire address, zero-based.
    public var start: Int { Int(asked.range.start) }
    public var count: Int { asked.range.count }

    /// The bytes of the values, as they came; or why there are none.
    public var values: Result<[UInt8], ModbusError> {
        guard let reply else { return .failure(.timeout) }
        let transaction = UInt16(request.bytes[0]) << 8 | UInt16(request.bytes[1])
        return reply.bytes.withUnsafeBufferPointer { bytes in
            do throws(ModbusError) {
                try ReplyCheck.check(bytes, answers: asked, transaction: transaction)
                return .success(Array(bytes[ReplyCheck.payloadOffset...]))
            } catch {
                return .failure(error)
            }
        }
    }
}

extension Exchange {
    /// Joins requests and replies by connection and transaction.
    ///
    /// - Parameter frames: in the order of a log.
    /// - Returns: an exchange for each request, in the order they were sent. Strays belong to none.
    public static func pairs(in frames: [Frame]) -> [Exchange] {
        struct Key: Hashable {
            let connection: Int
            let transaction: [UInt8]
        }
        var exchanges: [Exchange] = []
        var waiting: [Key: Int] = [:]
        for frame in frames where frame.bytes.count >= 2 {
            let key = Key(connection: frame.connection.number, transaction: Array(frame.bytes[0..<2]))
            if frame.event == .sent, let asked = ReadRequest(wire: frame.bytes) {
                waiting[key] = exchanges.count
                exchanges.append(Exchange(request: frame, reply: nil, asked: asked))
            } else if frame.event == .received, let index = waiting.removeValue(forKey: key) {
                exchanges[index] = Exchange(
                    request: exchanges[index].request, reply: frame, asked: exchanges[index].asked)
            }
        }
        return exchanges
    }
}

extension FrameLog {
    /// Every request that is still in the log, with its reply.
    ///
    /// - Parameter since: UTC nanoseconds since 1970; requests before it are left out.
    public func exchanges(since: Int64? = nil) -> [Exchange] { Exchange.pairs(in: frames(since: since)) }

    /// The exchange that brought these registers of a unit, with the reply that came nearest to a moment.
    ///
    /// - Parameter utc: UTC nanoseconds since 1970.
    /// - Returns: nil when no reply to a request for all of them is in the log.
    public func exchange(of range: RegisterRange, unit: UInt8, nearest utc: Int64) -> Exchange? {
        exchanges().filter { exchange in
            exchange.reply != nil && exchange.unit == unit && exchange.table == range.table
                && exchange.start <= range.start && exchange.asked.range.end >= range.end
        }.min { distance($0, utc) < distance($1, utc) }
    }

    private func distance(_ exchange: Exchange, _ utc: Int64) -> UInt64 { ((exchange.reply?.utc ?? 0) - utc).magnitude }
}
