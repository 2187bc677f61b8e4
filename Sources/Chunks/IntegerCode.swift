/// The shortest of the ways to write a column of integers. All arithmetic wraps, so that any 64 bits come back.
struct IntegerCode {
    let coding: Coding
    /// First value; for a line the value it has there.
    private let first: Int64
    /// Step of a line or a progression, the usual or the first difference.
    private let step: Int64
    private let rice: Rice?
    /// What it takes, to a byte.
    let bits: Int

    /// - Parameters:
    ///   - values: one at least.
    ///   - slopes: of the lines to try besides the level one.
    init(_ values: [Int64], slopes: [Int64] = []) {
        let step = values.count > 1 ? values[1] &- values[0] : 0
        let isStraight = values.indices.dropFirst().allSatisfy { values[$0] &- values[$0 - 1] == step }
        guard !isStraight else {
            self.init(step == 0 ? .constant : .progression, values[0], step, nil)
            return
        }
        var search = CodeSearch(values)
        for slope in slopes where slope != 0 { search.tryLine(slope: slope) }
        search.tryDifferences()
        search.tryRuns()
        self = search.best
    }

    init(_ coding: Coding, _ first: Int64, _ step: Int64, _ rice: Rice?) {
        (self.coding, self.first, self.step, self.rice) = (coding, first, step, rice)
        let head = ByteWriter.length(first) + (coding == .constant ? 0 : ByteWriter.length(step))
        bits = head * 8 + (rice?.bits ?? 0)
    }

    init(runs bits: Int) {
        (coding, first, step, rice) = (.runs, 0, 0, nil)
        self.bits = bits
    }

    /// Everything but the coding, which stands in a header.
    func encoded(_ values: [Int64]) -> [UInt8] {
        var writer = ByteWriter()
        guard coding != .runs else {
            IntegerCode.writeRuns(values, &writer)
            return writer.bytes
        }
        writer.signed(first)
        if coding != .constant { writer.signed(step) }
        if let rice {
            var bits = BitWriter(bits: rice.bits)
            let residuals = Residuals(values, coding, first, step)
            residuals.numbers.withUnsafeBufferPointer { rice.write($0, &bits) }
            writer.append(bits.finish())
        }
        return writer.bytes
    }

    static func writeRuns(_ values: [Int64], _ writer: inout ByteWriter) {
        var (start, before) = (0, Int64(0))
        while start < values.count {
            let value = values[start]
            var end = start + 1
            while end < values.count, values[end] == value { end += 1 }
            writer.varint(UInt64(end - start))
            writer.signed(value &- before)
            (start, before) = (end, value)
        }
    }
}

/// What is left of the values when what is expected has been taken away, as numbers without a sign.
struct Residuals {
    let numbers: [UInt64]

    init(_ values: [Int64], _ coding: Coding, _ first: Int64, _ step: Int64) {
        numbers = values.withUnsafeBufferPointer { values in
            switch coding {
            case .difference:
                return Residuals.make(values.count - 1) { values[$0 + 1] &- values[$0] &- step }
            case .secondDifference:
                return Residuals.make(values.count - 2) {
                    (values[$0 + 2] &- values[$0 + 1]) &- (values[$0 + 1] &- values[$0])
                }
            default:
                return Residuals.make(values.count) { values[$0] &- first &- Int64($0) &* step }
            }
        }
    }

    @inline(__always)
    private static func make(_ count: Int, _ residual: (Int) -> Int64) -> [UInt64] {
        [UInt64](unsafeUninitializedCapacity: count) { numbers, filled in
            for index in 0..<count { numbers.initializeElement(at: index, to: ZigZag.fold(residual(index))) }
            filled = count
        }
    }
}
