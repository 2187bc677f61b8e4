import Chunks
import GRDB
import Plant

/// The oldest waiting rows of an imported group, put together with the sealed span they fall into.
struct ImportMerge {
    /// What takes the place of the rows and of the old span, in the order of time.
    private(set) var spans: [(layout: Int64, content: SpanContent)] = []
    /// The span that is sealed anew.
    private(set) var replaced: StoredSpan?
    /// The newest of the waiting rows that are in it.
    let last: WaitingRows.Row

    /// A scan, and where its values are.
    private struct Scan {
        let time: Int64
        let sequence: UInt64
        let layout: Int64
        let isSealed: Bool
        let index: Int
    }

    init(of group: Int64, _ store: HistoryStore, in database: Database) throws {
        func waiting(before end: Int64) throws -> WaitingRows {
            try WaitingRows(
                of: group, limit: ImportSealer.scans, before: end, isOneSpan: false, store, in: database)
        }
        var rows = try waiting(before: .max)
        guard let first = rows.rows.first, let newest = rows.rows.last else {
            throw SealError.row(group, "no row waits")
        }
        // One span at a time: what lies behind it is for the next step.
        let old = try StoredSpan(of: group, endingAtOrAfter: first.time, store, in: database)
        var sealed: SpanContent?
        if let old, old.times.lowerBound <= newest.time {
            replaced = old
            sealed = try old.content(in: database)
            rows = try waiting(before: old.times.upperBound + 1)
        }
        last = rows.rows.last ?? newest
        let contents = rows.builders.mapValues { $0.finished() }
        var plans = contents.mapValues(\.plan)
        if let replaced { plans[replaced.layout] = replaced.plan }
        for run in ImportMerge.runs(of: ImportMerge.scans(rows, sealed, replaced), plans) {
            guard let layout = run.first?.layout, let plan = plans[layout] else { continue }
            var content = SpanContent(plan: plan)
            content.columns = plan.slots.map { _ in TagColumn() }
            for scan in run {
                if let source = scan.isSealed ? sealed : contents[layout] { content.append(source, at: scan.index) }
            }
            spans.append((layout, content))
        }
    }

    /// In the order of time. Of two at one time the one with the higher sequence stays: it came later.
    private static func scans(_ rows: WaitingRows, _ sealed: SpanContent?, _ old: StoredSpan?) -> [Scan] {
        var scans = rows.rows.map {
            Scan(time: $0.time, sequence: $0.sequence, layout: $0.layout, isSealed: false, index: $0.index)
        }
        if let sealed, let old {
            for index in 0..<old.count {
                scans.append(
                    Scan(
                        time: sealed.span.times[index], sequence: sealed.span.sequences[index], layout: old.layout,
                        isSealed: true, index: index))
            }
        }
        scans.sort { ($0.time, $0.sequence) < ($1.time, $1.sequence) }
        return scans.enumerated().compactMap { place, scan in
            place + 1 < scans.count && scans[place + 1].time == scan.time ? nil : scan
        }
    }

    /// Cut where one span cannot go on, and otherwise into equal parts.
    private static func runs(of scans: [Scan], _ plans: [Int64: LayoutPlan]) -> [ArraySlice<Scan>] {
        var runs: [ArraySlice<Scan>] = []
        var start = 0
        for end in 1...max(1, scans.count) {
            let isEnd =
                end >= scans.count || scans[end].layout != scans[end - 1].layout
                || SpanRule.breaks(
                    scans[end - 1].time, scans[end].time, period: plans[scans[end].layout]?.period ?? 0)
            guard isEnd, end <= scans.count else { continue }
            let parts = (end - start + ImportSealer.scans - 1) / ImportSealer.scans
            for part in 0..<parts {
                runs.append(
                    scans[(start + (end - start) * part / parts)..<(start + (end - start) * (part + 1) / parts)])
            }
            start = end
        }
        return runs
    }
}

extension SpanContent {
    /// Takes over one scan of another span of the same layout.
    fileprivate mutating func append(_ other: SpanContent, at index: Int) {
        let count = span.times.count
        span.times.append(other.span.times[index])
        span.took.append(other.span.took[index])
        span.sequences.append(other.span.sequences[index])
        span.ordinals.append(other.span.ordinals[index])
        let loss = other.span.losses.isEmpty ? .good : other.span.losses[index]
        if !loss.isGood, span.losses.isEmpty { span.losses = [Quality](repeating: .good, count: count) }
        if !span.losses.isEmpty || !loss.isGood { span.losses.append(loss) }
        for slot in columns.indices {
            let column = other.columns[slot]
            if plan.slots[slot].traits.type.isString {
                columns[slot].texts.append(column.texts[index])
            } else {
                columns[slot].bits.append(column.bits[index])
            }
            let quality = column.qualities.isEmpty ? .good : column.qualities[index]
            if !quality.isGood, columns[slot].qualities.isEmpty {
                columns[slot].qualities = [Quality](repeating: .good, count: count)
            }
            if !columns[slot].qualities.isEmpty || !quality.isGood { columns[slot].qualities.append(quality) }
        }
    }
}
