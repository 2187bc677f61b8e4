extension Rice {
    /// Up to this parameter a number that is no outlier lies within one `peek`.
    private static let parameterPeeked = BitReader.peeked - onesMax

    /// As many numbers as there is room for.
    static func read(
        _ reader: inout BitReader, into numbers: UnsafeMutableBufferPointer<UInt64>
    ) throws(ChunkError) {
        // A copy that nobody else can see stays in registers.
        var bits = reader
        var start = 0
        while start < numbers.count {
            let end = min(start + block, numbers.count)
            let parameter = Int(bits.read(parameterWidth))
            if parameter == zeros {
                for index in start..<end { numbers[index] = 0 }
            } else if parameter <= parameterPeeked {
                let high = UInt64(truncatingIfNeeded: parameter)
                let low = UInt64(truncatingIfNeeded: 63 &- parameter)
                for index in start..<end {
                    let next = bits.peek()
                    let ones = (~next).leadingZeroBitCount
                    if ones < onesMax {
                        let unary = UInt64(truncatingIfNeeded: ones)
                        bits.skip(ones &+ 1 &+ parameter)
                        // Two shifts, since one by 64 is none.
                        numbers[index] = unary &<< high | ((next &<< (unary &+ 1)) &>> 1) &>> low
                    } else {
                        numbers[index] = outlier(&bits)
                    }
                }
            } else {
                for index in start..<end { numbers[index] = wide(&bits, parameter) }
            }
            // Behind the end there are only zeros: no more than a block is made of them.
            try bits.checkEnd()
            start = end
        }
        reader = bits
    }

    @inline(never)
    private static func outlier(_ bits: inout BitReader) -> UInt64 {
        bits.skip(onesMax)
        let width = Int(bits.read(widthWidth)) + 1
        return bits.read(width)
    }

    @inline(never)
    private static func wide(_ bits: inout BitReader, _ parameter: Int) -> UInt64 {
        let ones = (~bits.peek()).leadingZeroBitCount
        guard ones < onesMax else { return outlier(&bits) }
        bits.skip(ones + 1)
        return UInt64(ones) << UInt64(parameter) | bits.read(parameter)
    }
}
