import Archive
import Chunks
import Plant

/// Turns rows of one layout into columns, in one pass over their texts.
///
/// The numbers gather in one block, row by row, and are turned round when they are encoded: a column of its own for
/// each slot would cost an array access, with its checks, for each value.
struct SpanBuilder {
    let plan: LayoutPlan
    private(set) var span = SpanColumns()
    private var numbers: [UInt64] = []
    private var texts: [Int: [String]] = [:]
    /// Readings that are less than good, in the order of the rows.
    private var flaws: [Flaw] = []

    private struct Flaw {
        let row: Int
        let slot: Int
        let quality: Quality
    }

    init(_ plan: LayoutPlan, capacity: Int) {
        self.plan = plan
        numbers.reserveCapacity(capacity * plan.slots.count)
        for (slot, known) in plan.slots.enumerated() where known.traits.type.isString { texts[slot] = [] }
    }

    var count: Int { span.times.count }

    /// - Parameters:
    ///   - values: the JSON array of the row; ends with NUL.
    ///   - bad: its JSON object of qualities; ends with NUL.
    mutating func append(
        time: Int64, took: Int64, sequence: UInt64, ordinal: Int64, values: UnsafePointer<UInt8>,
        bad: UnsafePointer<UInt8>?
    ) {
        let row = count
        span.times.append(time)
        span.took.append(took)
        span.sequences.append(sequence)
        span.ordinals.append(ordinal)
        var qualities = QualityCursor(bad)
        if let loss = qualities.loss { return lose(row, loss) }
        if !span.losses.isEmpty { span.losses.append(.good) }
        var cursor = ValueCursor(values)
        for (slot, known) in plan.slots.enumerated() {
            var quality = qualities.quality(of: slot)
            let isThere = cursor.move(to: slot) && !quality.isBad
            if known.traits.type.isString {
                let text = isThere ? cursor.text() : nil
                texts[slot]?.append(text ?? "")
                numbers.append(0)
                if text == nil, !quality.isBad { quality = .neverRead }
            } else {
                let found = isThere ? cursor.number(known.traits.type) : nil
                numbers.append(found ?? 0)
                if found == nil, !quality.isBad { quality = .neverRead }
            }
            if !quality.isGood { flaws.append(Flaw(row: row, slot: slot, quality: quality)) }
        }
    }

    private mutating func lose(_ row: Int, _ loss: Quality) {
        if span.losses.isEmpty { span.losses = [Quality](repeating: .good, count: row) }
        span.losses.append(loss)
        numbers.append(contentsOf: repeatElement(0, count: plan.slots.count))
        for slot in texts.keys { texts[slot]?.append("") }
    }

    // MARK: What came together

    func finished() -> SpanContent {
        var content = SpanContent(plan: plan, span: span)
        let width = plan.slots.count
        var flawed = [[Flaw]](repeating: [], count: flaws.isEmpty ? 0 : width)
        for flaw in flaws { flawed[flaw.slot].append(flaw) }
        content.columns = (0..<width).map { slot in
            var column = TagColumn()
            if let texts = texts[slot] {
                column.texts = texts
            } else {
                column.bits = [UInt64](unsafeUninitializedCapacity: count) { bits, filled in
                    numbers.withUnsafeBufferPointer { numbers in
                        for row in 0..<count { bits[row] = numbers[row &* width &+ slot] }
                    }
                    filled = count
                }
            }
            if !flawed.isEmpty, !flawed[slot].isEmpty {
                column.qualities = [Quality](repeating: .good, count: count)
                for flaw in flawed[slot] { column.qualities[flaw.row] = flaw.quality }
            }
            return column
        }
        return content
    }
}

/// The columns of one span, before they are bytes or after they were.
struct SpanContent {
    let plan: LayoutPlan
    var span = SpanColumns()
    /// By slot.
    var columns: [TagColumn] = []
}
