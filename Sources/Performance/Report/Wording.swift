/// A number with so many decimals at most, without trailing zeros: `4.2`, `120`.
func decimal(_ number: Double, _ digits: Int = 1) -> String {
    guard number.isFinite, abs(number) < 1e12 else { return "\(number)" }
    let scale = (0..<digits).reduce(1) { scale, _ in scale * 10 }
    let scaled = Int((abs(number) * Double(scale)).rounded())
    var fraction = String(scaled % scale)
    fraction = String(repeating: "0", count: max(0, digits - fraction.count)) + fraction
    while fraction.hasSuffix("0") { fraction.removeLast() }
    let sign = number < 0 && scaled > 0 ? "-" : ""
    return sign + String(scaled / scale) + (digits > 0 && !fraction.isEmpty ? "." + fraction : "")
}

/// A time as one says it: `800 ms`, `12.5 s`, `10 min`, `5.2 h`, `3 d`.
func spoken(_ milliseconds: Int64) -> String {
    let time = Double(milliseconds)
    return switch milliseconds {
    case 0: "0 s"
    case ..<1000: "\(milliseconds) ms"
    case ..<120_000: decimal(time / 1000) + " s"
    case ..<7_200_000: decimal(time / 60_000) + " min"
    case ..<172_800_000: decimal(time / 3_600_000) + " h"
    default: decimal(time / 86_400_000) + " d"
    }
}

/// Rows with their columns under each other; numbers, which begin with a digit or a sign of comparison, to the right.
func aligned(_ rows: [[String]]) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0 }
    return rows.map { row in
        var line = ""
        for (column, cell) in row.enumerated() {
            let padding = String(repeating: " ", count: widths[column] - cell.count)
            let isNumber = column > 0 && (cell.first?.isNumber ?? false || cell.hasPrefix("<"))
            line += (column > 0 ? "  " : "") + (isNumber ? padding + cell : cell + padding)
        }
        while line.hasSuffix(" ") { line.removeLast() }
        return line
    }
}
