import Plant

extension Comparison {
    /// For people: what operators had, and what they would have had.
    ///
    /// - Parameter comparing: false when there is nothing that really happened.
    public func text(comparing: Bool = true) -> String {
        var lines: [[String]] = []
        func row(_ name: String, _ figure: (Tally) -> String) {
            lines.append([name] + (comparing ? [figure(recorded)] : []) + [figure(replayed)])
        }
        lines.append([""] + (comparing ? ["RECORDED"] : []) + ["REPLAYED"])
        row("annunciations") { "\($0.annunciations)" }
        row("raises") { "\($0.raises)" }
        row("floods") { "\($0.floods)" }
        row("minutes in flood") { "\($0.floodMilliseconds / 60_000)" }
        row("chattering alarms") { "\($0.chattering.count)" }
        row("standing at the end") { "\($0.standing.count)" }
        var text = Comparison.aligned(lines)
        guard comparing else { return text }
        if isSame { return text + "\nEvery event is the same.\n" }
        if !alarms.isEmpty {
            let header = ["ALARM", "RECORDED", "REPLAYED", "BOTH", "ONLY RECORDED", "ONLY REPLAYED", "LATER"]
            text += "\n" + Comparison.aligned([header] + alarms.map(\.cells))
        }
        for (title, lost) in [("recorded", onlyRecorded), ("replayed", onlyReplayed)] where !lost.isEmpty {
            text += "\nRaises only \(title), the newest \(lost.count):\n"
            text += lost.map { "  \(UTCTime.text($0.time))  \($0.alarm)\n" }.joined()
        }
        return text
    }

    /// The first column to the left, the others to the right.
    private static func aligned(_ rows: [[String]]) -> String {
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.count)
            }
        }
        return rows.map { row in
            row.enumerated().map { column, cell in
                let pad = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + pad : pad + cell
            }.joined(separator: "  ") + "\n"
        }.joined()
    }
}

extension AlarmComparison {
    fileprivate var cells: [String] {
        [
            alarm, "\(recorded)", "\(replayed)", "\(matched)", "\(onlyRecorded)", "\(onlyReplayed)",
            laterMedian.map { median in
                let (low, high) = (earliest ?? median, latest ?? median)
                let middle = AlarmComparison.seconds(median)
                return low == high
                    ? middle : "\(middle) (\(AlarmComparison.seconds(low)) to \(AlarmComparison.seconds(high)))"
            } ?? "",
        ]
    }

    /// `+1.5 s`, `0 s`, `-20 s`.
    private static func seconds(_ milliseconds: Int64) -> String {
        "\(milliseconds > 0 ? "+" : "")\(Tag.shown(Double(milliseconds) / 1000)) s"
    }
}
