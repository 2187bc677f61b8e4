import Glibc

/// The same measurement taken several times.
struct Sample {
    private let sorted: [Double]

    /// - Precondition: not empty.
    init(_ values: [Double]) {
        precondition(!values.isEmpty, "a sample needs a value")
        sorted = values.sorted()
    }

    var least: Double { sorted[0] }
    var median: Double { percentile(50) }
    var most: Double { sorted[sorted.count - 1] }

    /// The smallest value that `percent` of the sample do not exceed (nearest rank).
    func percentile(_ percent: Double) -> Double {
        let rank = Int((percent / 100 * Double(sorted.count)).rounded(.up))
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }
}

/// A line of a Markdown table.
func row(_ cells: String...) -> String { row(cells) }
func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

/// Headings and the line below them.
func heading(_ cells: String...) -> String { heading(cells) }
func heading(_ cells: [String]) -> String {
    "| " + cells.joined(separator: " | ") + " |\n|" + String(repeating: "---|", count: cells.count)
}

extension Double {
    /// With a fixed number of decimals, which `description` has not and Foundation is not worth.
    func text(_ decimals: Int) -> String {
        let factor = pow(10.0, Double(decimals))
        let scaled = Int64((abs(self) * factor).rounded())
        let (whole, part) = scaled.quotientAndRemainder(dividingBy: Int64(factor))
        let sign = self < 0 && scaled != 0 ? "-" : ""
        guard decimals > 0 else { return "\(sign)\(whole)" }
        let digits = String(part)
        return "\(sign)\(whole)." + String(repeating: "0", count: decimals - digits.count) + digits
    }
}

/// Says on standard error what is being done; standard output is for the figures.
func progress(_ text: String) {
    let line = text + "\n"
    _ = write(STDERR_FILENO, line, line.utf8.count)
}

/// A benchmark that cannot be taken, or whose figures would be worthless.
struct BenchmarkFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// A debug build is several times slower, so its figures would only mislead.
func requireReleaseBuild() throws {
    #if DEBUG
        throw BenchmarkFailure("cupel-bench measures release builds only: swift run -c release cupel-bench ...")
    #endif
}
