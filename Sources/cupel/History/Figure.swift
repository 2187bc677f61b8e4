import Archive
import ArgumentParser
import Plant

/// What readings of an interval can be summed up to.
enum Figure: String, ExpressibleByArgument, CaseIterable {
    case mean, min, max, first, last, count, range, stddev
    case percentGood = "percent-good"
    case rate, increase
    case timeInState = "time-in-state"

    /// `mean,max`, as an option.
    static func list(_ text: String) throws -> [Figure] {
        var list: [Figure] = []
        for name in text.split(separator: ",") {
            guard let figure = Figure(rawValue: String(name)) else {
                throw ValidationError(
                    "--agg: found \(name), expected " + allCases.map(\.rawValue).joined(separator: ", "))
            }
            if list.contains(figure) { throw ValidationError("--agg: \(name) is there twice") }
            list.append(figure)
        }
        return list
    }

    /// The name of its column: one that SQL and programs take without quotation marks.
    var column: String { rawValue.replacing("-", with: "_") }

    /// True for what a tag only has when it counts something.
    var needsCounter: Bool { self == .rate || self == .increase }

    /// True for a value that can be said to go on where an interval has none. Numbers of readings are not.
    var isValue: Bool {
        switch self {
        case .mean, .min, .max, .first, .last: true
        case .count, .range, .stddev, .percentGood, .rate, .increase, .timeInState: false
        }
    }

    /// In which it is written; `nil` for a bare number.
    func unit(of tag: StoredTag) -> String? {
        switch self {
        case .mean, .min, .max, .first, .last, .range, .stddev, .increase: tag.unit
        case .rate: tag.unit.map { "\($0)/s" }
        case .percentGood: "%"
        case .count, .timeInState: nil
        }
    }

    /// True for the value of one of the readings, which is written as that reading would be.
    private var isReading: Bool {
        switch self {
        case .min, .max, .first, .last: true
        case .mean, .count, .range, .stddev, .percentGood, .rate, .increase, .timeInState: false
        }
    }

    /// - Parameters:
    ///   - isSimple: every reading weighs the same in the mean, however long it stood.
    ///   - range: what was asked for: the first and the last interval may reach over its ends, and only the time within
    ///     counts.
    func value(of aggregate: Aggregate, within range: Range<Int64>, isSimple: Bool) -> FigureValue? {
        let span = Double(Swift.min(aggregate.end, range.upperBound) - Swift.max(aggregate.start, range.lowerBound))
        let number: Double? =
            switch self {
            case .mean: isSimple ? aggregate.simpleMean : aggregate.mean
            case .min: aggregate.min
            case .max: aggregate.max
            case .first: aggregate.first
            case .last: aggregate.last
            case .count: Double(aggregate.count)
            case .range: aggregate.range
            case .stddev: aggregate.deviation
            case .percentGood: 100 * Double(aggregate.goodMilliseconds) / span
            case .increase: aggregate.rise
            // By the length of the interval, so that rates times lengths add up to the whole increase, over gaps too.
            case .rate: aggregate.rise.map { $0 / span * 1000 }
            case .timeInState: nil
            }
        if let number, number.isFinite { return isReading ? .reading(number) : .number(number) }
        if self == .last, let text = aggregate.lastText { return .text(text) }
        return nil
    }
}

enum FigureValue: Hashable {
    /// A number that was worked out.
    case number(Double)
    /// One that was read.
    case reading(Double)
    case text(String)

    var number: Double? {
        switch self {
        case .number(let number), .reading(let number): number
        case .text: nil
        }
    }

    /// How it is written for a tag.
    func cell(of tag: StoredTag) -> Cell {
        switch self {
        case .number(let number): .number(Tag.shown(number))
        case .reading(let number): .number(tag.shown(number))
        case .text(let text): .text(text)
        }
    }
}

/// The figures of one interval.
struct FigureRow: Hashable {
    /// UTC milliseconds.
    var start: Int64
    /// One for each figure asked for.
    var values: [FigureValue?]
}

extension StoredTag {
    /// True for numbers that come out of an unscaled 32-bit register, or might.
    private var isFloat32: Bool { type == "float32" }
    var isText: Bool { type.hasPrefix("string") }

    /// A number that was read, as its register would be written: 1451.2817, not 1451.28173828125.
    fileprivate func shown(_ number: Double) -> String {
        let register = Float(number)
        return isFloat32 && Double(register) == number && number.isFinite
            ? register.description : Tag.shown(number)
    }

    /// The value of a reading; `nil` for a bad one.
    func cell(_ reading: StoredReading) -> Cell? {
        reading.text.map { reading.number == nil ? .text($0) : .number($0) }
    }

    /// The name of a raw value of a discrete tag.
    func state(_ raw: Int64) -> String {
        if let name = states[String(raw)] { return name }
        if kind == "bool", raw == 0 || raw == 1 { return raw == 0 ? "false" : "true" }
        return String(raw)
    }

    var isDiscrete: Bool { kind == "bool" || kind == "enum" }
}
