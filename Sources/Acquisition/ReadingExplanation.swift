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
            "no request for \(tag) is in the flight recorder"
                + (oldest.map { ", which goes back to \(UTCTime.text($0 / 1_000_000))" } ?? ", which is empty")
        }
    }
}

extension ReadingExplanation {
    /// Explains a reading by the request that brought it: the first that was answered in the scan of that time, else the
    /// one that was sent nearest to it.
    ///
    /// What depends on readings before it (counters, values that stand still, a status tag, the heartbeat, the layout)
    /// is not judged again; the steps say so where the tag has such a rule.
    ///
    /// - Parameters:
    ///   - utc: UTC nanoseconds since 1970; the time of a reading is when its scan's first request left.
    ///   - frames: the flight recorder of a controller's line.
    public init(
        of tag: Tag, in plant: Plant, at utc: Int64, frames: (Controller.ID) -> FrameLog?
    ) throws(ExplanationFault) {
        let controller = plant.controllers[tag.controller]
        if let formula = tag.formula {
            var inputs: [ReadingExplanation] = []
            for input in formula.inputs {
                inputs.append(try ReadingExplanation(of: plant.tags[input], in: plant, at: utc, frames: frames))
            }
            self.init(
                tag: tag.name, place: tag.placeText, controller: controller.name, unit: Int(controller.unit),
                steps: ["computed from the values of \(inputs.map(\.tag).joined(separator: ", "))"],
                quality: inputs.first { $0.quality != Quality.good.name }?.quality ?? Quality.good.name,
                inputs: inputs)
            return
        }
        guard let registers = tag.registers else { throw .notRead(tag: tag.name) }
        let log = frames(tag.controller)
        let all = log?.exchanges() ?? []
        let covering = all.filter { exchange in
            exchange.unit == controller.unit && exchange.table == registers.table
                && exchange.start <= Int(registers.start) && exchange.asked.range.end >= registers.end
        }
        // A scan may ask more than once for what was refused at first: what was answered in the end is what was kept.
        let period = plant.groups[tag.group].period.nanoseconds
        let inScan = covering.filter { $0.request.utc > utc - 1_000_000 && $0.request.utc < utc + period }
        let answered = inScan.first { if case .success = $0.values { true } else { false } }
        let nearest = covering.min { ($0.request.utc - utc).magnitude < ($1.request.utc - utc).magnitude }
        guard let exchange = answered ?? nearest else { throw .gone(tag: tag.name, oldest: all.first?.request.utc) }
        self.init(of: tag, registers, controller, exchange)
    }

    private init(of tag: Tag, _ registers: RegisterRange, _ controller: Controller, _ exchange: Exchange) {
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
            steps += tag.rules.unjudged.map { "not judged here: \($0)" }
        }
    }
}

extension TagRules {
    /// The rules that need more than this one reading.
    fileprivate var unjudged: [String] {
        var names: [String] = []
        if status != nil { names.append("its status tag") }
        if isCounter { names.append("whether the counter wrapped or was reset") }
        if stuckAfter != nil { names.append("whether it stands still") }
        return names
    }
}

extension [UInt8] {
    /// `00 01 00 00`.
    fileprivate var spaced: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: " ")
    }
}
