import Historian
import Plant

/// A line of values over time, drawn with braille dots: two columns and four rows a character. Gaps stay gaps.
struct Chart {
    /// Characters that a chart can have; beyond, no screen and no paper shows it.
    static let widths = 30...1000
    static let heights = 4...200
    /// Columns kept for the scale on the left.
    static let scaleColumns = 11

    let from: Int64
    let to: Int64
    /// The lowest and the highest value of each dot column, `nil` where there is none.
    private(set) var columns: [(low: Double, high: Double)?]
    let width: Int
    let height: Int

    /// - Parameters:
    ///   - width: characters in all, and `height`: brought into `widths` and `heights`.
    init(from: Int64, to: Int64, width: Int, height: Int) {
        self.from = from
        self.to = max(to, from + 1)
        self.width = min(max(width, Chart.widths.lowerBound), Chart.widths.upperBound) - Chart.scaleColumns
        self.height = min(max(height, Chart.heights.lowerBound), Chart.heights.upperBound)
        columns = Array(repeating: nil, count: self.width * 2)
    }

    mutating func add(time: Int64, value: Double) {
        guard time >= from, time < to else { return }
        let column = Int((time - from) * Int64(columns.count) / (to - from))
        if let there = columns[column] {
            columns[column] = (min(there.low, value), max(there.high, value))
        } else {
            columns[column] = (value, value)
        }
    }

    var isEmpty: Bool { columns.allSatisfy { $0 == nil } }

    /// The range shown: that of the values, widened where they are all alike.
    var scale: (low: Double, high: Double) {
        let values = columns.compactMap { $0 }
        let low = values.map(\.low).min() ?? 0
        let high = values.map(\.high).max() ?? 1
        if high > low { return (low, high) }
        let margin = max(abs(low) * 0.01, 0.5)
        let most = Double.greatestFiniteMagnitude
        return (max(low - margin, -most), min(high + margin, most))
    }

    /// - Parameter times: how the two ends are written.
    func text(_ times: TimeColumn = TimeColumn(.utc)) -> String {
        var times = times
        let (low, high) = scale
        let dots = height * 4
        func row(_ value: Double) -> Int {
            // The distance of two doubles can be more than a double holds, and half of the least one is nothing.
            let part =
                (high - low).isFinite
                ? (high - value) / (high - low) : (high / 2 - value / 2) / (high / 2 - low / 2)
            return min(dots - 1, max(0, Int(part * Double(dots - 1) + 0.5)))
        }
        var cells = Array(repeating: UInt32(0), count: width * height)
        // The bits of U+2800: left column 1 2 4 40, right column 8 10 20 80 (hexadecimal), from the top.
        let bits: [[UInt32]] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]]
        for (column, range) in columns.enumerated() {
            guard let range else { continue }
            for dot in row(range.high)...row(range.low) {
                cells[dot / 4 * width + column / 2] |= bits[column % 2][dot % 4]
            }
        }
        var text = ""
        for line in 0..<height {
            let label: String
            if line == 0 {
                label = Self.label(high)
            } else if line == height - 1 {
                label = Self.label(low)
            } else if line == height / 2 {
                label = Self.label(low / 2 + high / 2)
            } else {
                label = ""
            }
            text += String(repeating: " ", count: max(0, Chart.scaleColumns - 2 - label.count)) + label + " ┤"
            for cell in cells[(line * width)..<((line + 1) * width)] {
                text.unicodeScalars.append(cell == 0 ? " " : Unicode.Scalar(0x2800 + cell) ?? " ")
            }
            text += "\n"
        }
        let start = times.text(from)
        let end = times.text(to)
        let gap = max(1, width + Chart.scaleColumns - start.count - end.count)
        return text + start + String(repeating: " ", count: gap) + end + "\n"
    }

    /// Five significant digits fit the scale.
    private static func label(_ value: Double) -> String {
        let text = Tag.shown(value, digits: 5)
        return text.count <= scaleColumns - 2 ? text : String(text.prefix(scaleColumns - 2))
    }
}
