public import Modbus
public import Plant

/// One question to a unit, and what came of it.
public struct Reply: Sendable {
    public let request: ReadRequest
    /// The values as they came: registers high byte first, bits packed from the lowest.
    public let outcome: Result<[UInt8], ModbusError>
    /// UTC nanoseconds just before the request left.
    public let sent: Int64
    /// Nanoseconds from then to the reply, or to where the waiting ended.
    public let took: Int64

    public init(request: ReadRequest, outcome: Result<[UInt8], ModbusError>, sent: Int64, took: Int64) {
        self.request = request
        self.outcome = outcome
        self.sent = sent
        self.took = took
    }

    /// The values; `nil` when there are none.
    public var bytes: [UInt8]? { try? outcome.get() }

    /// Why there are no values.
    public var error: ModbusError? {
        switch outcome {
        case .success: nil
        case .failure(let error): error
        }
    }

    /// True when something came for it: values, a refusal, or what was no proper reply.
    public var hasCome: Bool {
        switch error {
        case nil, .exception, .badReply: true
        case .timeout, .refused, .unreachable, .disconnected, .localFault, .stopped: false
        }
    }

    /// The values as words, or as 0 and 1; empty when there are none.
    public var items: [UInt16] {
        guard let bytes = bytes(of: request.range) else { return [] }
        if request.range.table.isBits { return bytes.map(UInt16.init) }
        return stride(from: 0, to: bytes.count, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
    }

    /// The values of a part of what was asked, as `Tag.decoded` takes them: two bytes a register, or one byte a bit.
    ///
    /// - Returns: nil when there are no values, or the part was not asked for.
    public func bytes(of part: RegisterRange) -> [UInt8]? {
        let whole = request.range
        guard let bytes, part.table == whole.table, part.start >= whole.start, part.end <= whole.end else { return nil }
        let first = Int(part.start) - Int(whole.start)
        guard whole.table.isBits else { return Array(bytes[first * 2..<(first + part.count) * 2]) }
        return (first..<first + part.count).map { bytes[$0 / 8] >> UInt8($0 % 8) & 1 }
    }
}

/// The shortest, mean and longest of some round trips, in nanoseconds.
public struct RoundTrips: Sendable, Hashable {
    public private(set) var count = 0
    public private(set) var shortest: Int64 = 0
    public private(set) var longest: Int64 = 0
    private var sum: Int64 = 0

    public init() {}

    public var mean: Int64 { count == 0 ? 0 : sum / Int64(count) }

    public mutating func add(_ nanoseconds: Int64) {
        shortest = count == 0 ? nanoseconds : min(shortest, nanoseconds)
        longest = max(longest, nanoseconds)
        sum += nanoseconds
        count += 1
    }

    public mutating func add(_ other: RoundTrips) {
        guard other.count > 0 else { return }
        shortest = count == 0 ? other.shortest : min(shortest, other.shortest)
        longest = max(longest, other.longest)
        sum += other.sum
        count += other.count
    }
}

/// How a look at an endpoint came to its end. What was found until then holds in any case.
public enum Ending: Sendable, Hashable {
    case complete
    /// Somebody interrupted it.
    case stopped
    /// The endpoint, or the unit, was not to be reached any more.
    case lost(ModbusError)

    init(_ error: ModbusError) { self = error == .stopped ? .stopped : .lost(error) }
}

/// How far a look has come, for a person who waits.
public struct Progress: Sendable {
    public let what: String
    public let done: Int
    public let total: Int

    public typealias Report = @Sendable (Progress) -> Void

    public init(what: String, done: Int, total: Int) { (self.what, self.done, self.total) = (what, done, total) }
}
