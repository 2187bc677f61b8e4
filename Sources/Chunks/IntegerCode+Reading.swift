extension IntegerCode {
    /// As many values as there is room for, one at least.
    static func read(
        _ coding: Coding, _ reader: inout ByteReader, into values: UnsafeMutableBufferPointer<UInt64>
    ) throws(ChunkError) {
        switch coding {
        case .constant: values.update(repeating: UInt64(bitPattern: try reader.signed()))
        case .runs: try readRuns(&reader, into: values)
        case .progression:
            var value = try reader.signed()
            let step = try reader.signed()
            for index in values.indices {
                values[index] = UInt64(bitPattern: value)
                value &+= step
            }
        case .line:
            let (first, step) = (try reader.signed(), try reader.signed())
            try readRice(&reader, into: values)
            var expected = first
            for index in values.indices {
                values[index] = UInt64(bitPattern: expected &+ ZigZag.unfold(values[index]))
                expected &+= step
            }
        case .difference:
            var value = try reader.signed()
            let step = try reader.signed()
            try readRice(&reader, into: .init(rebasing: values.dropFirst()))
            values[0] = UInt64(bitPattern: value)
            for index in 1..<values.count {
                value &+= step &+ ZigZag.unfold(values[index])
                values[index] = UInt64(bitPattern: value)
            }
        case .secondDifference:
            guard values.count > 1 else { throw .damaged("a second difference of one value") }
            var (value, step) = (try reader.signed(), try reader.signed())
            try readRice(&reader, into: .init(rebasing: values.dropFirst(2)))
            values[0] = UInt64(bitPattern: value)
            value &+= step
            values[1] = UInt64(bitPattern: value)
            for index in 2..<values.count {
                step &+= ZigZag.unfold(values[index])
                value &+= step
                values[index] = UInt64(bitPattern: value)
            }
        case .exclusive, .texts: throw .damaged("coding \(coding) where integers are expected")
        }
    }

    private static func readRice(
        _ reader: inout ByteReader, into values: UnsafeMutableBufferPointer<UInt64>
    ) throws(ChunkError) {
        var bits = reader.bits()
        try Rice.read(&bits, into: values)
        try reader.close(bits)
    }

    private static func readRuns(
        _ reader: inout ByteReader, into values: UnsafeMutableBufferPointer<UInt64>
    ) throws(ChunkError) {
        var (start, value) = (0, Int64(0))
        while start < values.count {
            let run = try reader.run(upTo: values.count - start)
            value &+= try reader.signed()
            for index in start..<(start + run) { values[index] = UInt64(bitPattern: value) }
            start += run
        }
    }
}
