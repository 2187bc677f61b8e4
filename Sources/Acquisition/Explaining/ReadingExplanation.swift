public import Modbus
public import Plant

/// Where a reading came from: the request, the reply, and every step from its bytes to the value.
public struct ReadingExplanation: Codable, Sendable {
    public var tag: String
    /// The registers in every notation, or the formula.
    public var place: String
    public var controller: String
    public var unit: Int
    /// The peer, and which of the line's connections it was.
    public var peer: String?
    public var connection: Int?
    public var transaction: Int?
    /// UTC, ISO 8601 with milliseconds: just before the request left, and just after the reply was complete.
    public var sent: String?
    public var replied: String?
    public var round_trip_ms: Double?
    /// The frames as they were on the wire, in hexadecimal.
    public var request: String?
    public var reply: String?
    /// Where in the reply its bytes begin.
    public var offset: Int?
    public var steps: [String]
    public var quality: String
    /// In engineering units; `nil` for a text, and when it is bad.
    public var value: Double?
    /// What a formula was computed from.
    public var inputs: [ReadingExplanation] = []
}

/// Why a reading cannot be explained.
public enum ExplanationFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// It is one of Cupel's own figures.
    case notRead(tag: String)
    /// The flight recorder no longer holds, or never held, a request for it.
    case gone(tag: String, oldest: Int64?)

    public var description: String {
        switch self {
        case .notRead(let tag): "\(tag) is a figure that Cupel counts itself; no frame brought it"
        case .gone(let tag, let oldest):
            "no request for \(tag) at that time is in the flight recorder"
                + (oldest.map { ", which goes back to \(UTCTime.text($0 / 1_000_000))" } ?? ", which is empty")
        }
    }
}

extension ReadingExplanation {
    /// Explains a reading by the request that brought it: the first that was answered in the scan of that time. For a
    /// time between two scans it is the last before it, unless that is older than a value may be. A value that is
    /// refused and left out of the scans is explained by the refusal.
    ///
    /// What depends on readings before it or on other tags (counters, values that stand still, a status tag, the
    /// heartbeat, the layout) is not judged again; the steps say so where there is such a rule.
    ///
    /// - Parameters:
    ///   - utc: UTC nanoseconds since 1970; the time of a reading is when its scan's first request left.
    ///   - frames: the flight recorder of a controller's line.
    public init(
        of tag: Tag, in plant: Plant, at utc: Int64, frames: (Controller.ID) -> FrameLog?
    ) throws(ExplanationFault) {
        // A formula has many inputs on few lines, and a recorder holds thousands of frames.
        var known: [Controller.ID: [Exchange]] = [:]
        func exchanges(_ id: Controller.ID) -> [Exchange] {
            if let exchanges = known[id] { return exchanges }
            let exchanges = frames(id)?.exchanges() ?? []
            known[id] = exchanges
            return exchanges
        }
        if let formula = tag.formula {
            try self.init(of: tag, formula, in: plant, at: utc, exchanges: exchanges)
        } else {
            try self.init(reading: tag, in: plant, at: utc, as: .scan, exchanges(tag.controller))
        }
    }

    /// - Parameter all: the exchanges of its controller's line.
    init(
        reading tag: Tag, in plant: Plant, at utc: Int64, as moment: ReadingSource.Moment, _ all: [Exchange]
    ) throws(ExplanationFault) {
        guard let registers = tag.registers else { throw .notRead(tag: tag.name) }
        guard let source = ReadingSource(tag, in: plant, at: utc, as: moment, among: all) else {
            throw .gone(tag: tag.name, oldest: all.first?.request.utc)
        }
        self.init(of: tag, registers, in: plant, source.exchange)
        if source.isRefusedSince { steps.append("refused then, and left out of the scans since") }
        if source.isStale, let found = Quality(name: quality), !found.isBad {
            quality = Quality.stale.name
            steps.append(
                "\(quality): its last reply was then older than \(ReadingSource.patience) periods and the timeout"
            )
        }
    }

    private init(of tag: Tag, _ registers: RegisterRange, in plant: Plant, _ exchange: Exchange) {
        let controller = plant.controllers[tag.controller]
        self.init(
            tag: tag.name, place: tag.placeText, controller: controller.name, unit: Int(controller.unit),
            peer: "\(exchange.request.connection.peer)", connection: exchange.request.connection.number,
            transaction: exchange.request.bytes.count > 1
                ? Int(exchange.request.bytes[0]) << 8 | Int(exchange.request.bytes[1]) : nil,
            sent: UTCTime.text(exchange.request.utc / 1_000_000),
            replied: exchange.reply.map { UTCTime.text($0.utc / 1_000_000) },
            round_trip_ms: exchange.reply.map { Double($0.monotonic - exchange.request.monotonic) / 1e6 },
            request: exchange.request.bytes.spaced, reply: exchange.reply?.bytes.spaced, steps: [], quality: "")
        switch exchange.values {
        case .failure(let error):
            steps = ["no value: \(error)"]
            quality = error.quality.name
        case .success(let values):
            let skip = Int(registers.start) - exchange.start
            let wire: [UInt8]
            if registers.table.isBits {
                offset = 9 + skip / 8
                wire = (skip..<skip + registers.count).map { values[$0 / 8] >> UInt8($0 % 8) & 1 }
                steps = ["bit \(skip % 8) of byte \(9 + skip / 8) of the reply"]
            } else {
                offset = 9 + skip * 2
                wire = Array(values[skip * 2..<(skip + registers.count) * 2])
                steps = ["from byte \(9 + skip * 2) of the reply"]
            }
            let decoded = tag.decoded(wire)
            steps += decoded.steps
            quality = decoded.quality.name
            if !decoded.quality.isBad, !tag.type.isString { value = tag.engineering(decoded.bits) }
            steps += tag.unjudged(in: plant)
        }
    }
}

extension [UInt8] {
    /// `00 01 00 00`.
    fileprivate var spaced: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: " ")
    }
}
