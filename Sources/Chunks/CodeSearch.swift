/// Tries the codings of a column of integers one after another, and keeps the shortest.
struct CodeSearch {
    private let values: [Int64]
    private(set) var best: IntegerCode

    /// Begins with the distances to the mean.
    ///
    /// - Parameter values: three at least: fewer are a constant or a progression.
    init(_ values: [Int64]) {
        self.values = values
        best = CodeSearch.code(values, .line, CodeSearch.mean(values, slope: 0), 0, limit: .max)
        tryCode(.line, CodeSearch.middle(values, slope: 0), step: 0)
    }

    mutating func tryLine(slope: Int64) {
        tryCode(.line, CodeSearch.mean(values, slope: slope), step: slope)
        tryCode(.line, CodeSearch.middle(values, slope: slope), step: slope)
    }

    mutating func tryDifferences() {
        tryCode(.difference, values[0], step: 0)
        let drift = meanStep
        if drift != 0 { tryCode(.difference, values[0], step: drift) }
        tryCode(.secondDifference, values[0], step: values[1] &- values[0])
    }

    mutating func tryRuns() {
        var changes = 0
        for index in 1..<values.count where values[index] != values[index - 1] { changes += 1 }
        // A run takes two bytes at least.
        guard changes < best.bits / 16 else { return }
        var writer = ByteWriter()
        IntegerCode.writeRuns(values, &writer)
        keep(IntegerCode(runs: writer.bytes.count * 8))
    }

    private mutating func tryCode(_ coding: Coding, _ first: Int64, step: Int64) {
        keep(CodeSearch.code(values, coding, first, step, limit: best.bits))
    }

    private mutating func keep(_ code: IntegerCode) {
        if code.bits < best.bits { best = code }
    }

    /// The mean difference of a value to the one before, to a whole number.
    private var meanStep: Int64 {
        // Numbers further apart than 2^63 have no usual step.
        let (span, overflows) = values[values.count - 1].subtractingReportingOverflow(values[0])
        guard !overflows else { return 0 }
        let steps = Int64(values.count - 1)
        let (whole, rest) = span.quotientAndRemainder(dividingBy: steps)
        return rest.magnitude * 2 > steps.magnitude ? whole + rest.signum() : whole
    }

    /// Where a line of this slope begins that has as much above as below it.
    private static func mean(_ values: [Int64], slope: Int64) -> Int64 {
        let first = values[0]
        var sum = 0.0
        for index in values.indices { sum += Double(values[index] &- first &- Int64(index) &* slope) }
        // Where a double is too coarse for the mean, so much is left that it does not matter.
        return first &+ (Int64(exactly: (sum / Double(values.count)).rounded()) ?? 0)
    }

    /// So many values show where the middle is.
    private static let sample = 63

    /// Where a line of this slope begins that has as many of a sample above as below it: one spike moves the mean away
    /// from all others, but not the middle.
    private static func middle(_ values: [Int64], slope: Int64) -> Int64 {
        var some: [Int64] = []
        some.reserveCapacity(sample)
        for place in 0..<min(sample, values.count) {
            let index = place * values.count / min(sample, values.count)
            some.append(values[index] &- Int64(index) &* slope)
        }
        some.sort()
        return some[some.count / 2]
    }

    private static func code(
        _ values: [Int64], _ coding: Coding, _ first: Int64, _ step: Int64, limit: Int
    ) -> IntegerCode {
        let residuals = Residuals(values, coding, first, step)
        return IntegerCode(
            coding, first, step, residuals.numbers.withUnsafeBufferPointer { Rice($0, limit: limit) })
    }
}
