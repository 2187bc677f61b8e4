import Archive
import ArgumentParser
import Plant

/// Readings as they were taken, tag by tag: `time,tag,value,unit,quality`.
struct RawRows<Source: QuerySource>: RowSource {
    let source: Source
    let tags: [StoredTag]
    /// UTC milliseconds.
    let range: Range<Int64>
    var bounds = BoundChoice.none
    /// Bounds are never looked for between two readings.
    var steps = false

    let columns: [Column] = [.time, .tag, .number("value"), .unit, .quality]

    func estimate(atMost: Int) throws -> Int {
        try source.count(of: tags, from: range.lowerBound, to: range.upperBound, atMost: atMost)
    }

    func rows(_ sink: RowSink) throws {
        for (number, tag) in tags.enumerated() {
            let ends = RangeEnds(source: source, tag: tag, range: range, steps: steps)
            if let bound = try ends.start(bounds) { try sink.row(bound.cells(of: tag)) }
            try source.readings(of: tag, from: range.lowerBound, to: range.upperBound, .ascending) { reading in
                try sink.reached(reading.time, of: range, tag: number, of: tags.count)
                try sink.row(tag.cells(reading))
            }
            if let bound = try ends.end(bounds) { try sink.row(bound.cells(of: tag)) }
        }
    }
}

extension StoredTag {
    /// `time,tag,value,unit,quality`.
    func cells(_ reading: StoredReading) -> [Cell?] {
        [
            .time(reading.time), .text(name), cell(reading), unit.map(Cell.text), .text(reading.quality.name),
        ]
    }
}

/// What is added at the two ends of a range.
enum BoundChoice: String, ExpressibleByArgument, CaseIterable {
    /// Nothing.
    case none
    /// The last reading before the range and the first behind it, at their own times.
    case outside
    /// What the tag stood at, exactly at both ends.
    case interpolated
}

/// A value at an end of a range.
struct Bound: Hashable {
    let time: Int64
    let cell: Cell?
    /// The reading's quality; `interpolated` or `held` for a value that nobody read.
    let quality: String

    func cells(of tag: StoredTag) -> [Cell?] {
        [.time(time), .text(tag.name), cell, tag.unit.map(Cell.text), .text(quality)]
    }
}

/// Finds the bounds of a range for one tag.
struct RangeEnds<Source: QuerySource> {
    let source: Source
    let tag: StoredTag
    let range: Range<Int64>
    let steps: Bool

    /// `nil` when nothing is to be added: nothing stood, or a reading lies there by itself.
    func start(_ choice: BoundChoice) throws -> Bound? {
        switch choice {
        case .none: nil
        case .outside: try reading(before: range.lowerBound).map { bound($0) }
        case .interpolated: try standing(at: range.lowerBound)
        }
    }

    func end(_ choice: BoundChoice) throws -> Bound? {
        switch choice {
        case .none: return nil
        case .outside: return try source.first(of: tag, from: range.upperBound).map { bound($0) }
        case .interpolated:
            // The range ends before a reading at its end, which is then its own bound.
            if let there = try source.first(of: tag, from: range.upperBound, to: range.upperBound + 1) {
                return there.quality.isGood ? bound(there) : nil
            }
            return try standing(at: range.upperBound)
        }
    }

    private func bound(_ reading: StoredReading) -> Bound {
        Bound(time: reading.time, cell: tag.cell(reading), quality: reading.quality.name)
    }

    private func reading(before time: Int64) throws -> StoredReading? {
        time == .min ? nil : try source.standing(at: time - 1, [tag]).first?.reading
    }

    private func standing(at time: Int64) throws -> Bound? {
        guard let before = try reading(before: time), before.quality.isGood else { return nil }
        let after = try source.first(of: tag, from: time)
        // How long the reading stood is the history's to say: it knows the period, and so when the next one is late.
        let whole = try source.aggregate(of: tag, from: before.time, to: after?.time ?? time + 1)
        let stood = whole?.goodMilliseconds ?? 0
        guard time < before.time + stood else { return nil }
        if !steps, !tag.isStepped, let after, after.quality.isGood, before.time + stood == after.time,
            let low = before.number, let high = after.number
        {
            let part = Double(time - before.time) / Double(after.time - before.time)
            let value = FigureValue.number(low + (high - low) * part)
            return Bound(time: time, cell: value.cell(of: tag), quality: "interpolated")
        }
        return Bound(time: time, cell: tag.cell(before), quality: "held")
    }
}
