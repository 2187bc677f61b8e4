/// Numbers without a sign, mostly small, in blocks of 64: of each number the low `parameter` bits as they are, and the
/// rest as so many ones and a zero (Rice, "Some practical universal noiseless coding techniques", 1979).
///
/// A number whose rest is too long for that is an outlier: `onesMax` ones, six bits for its width less one, its bits.
struct Rice {
    static let block = 64
    static let parameterWidth = 6
    /// The parameter of a block that is all zeros, and has no further bits.
    static let zeros = 63
    static let parameterMax = 62
    /// An outlier then takes about as much as the longest number that is none.
    static let onesMax = 20
    static let widthWidth = 6

    /// The parameter of each block.
    private(set) var parameters: [UInt8] = []
    /// What the numbers take, exactly.
    private(set) var bits = 0

    /// - Parameter limit: stops as soon as more bits are needed than this, and cannot be written then.
    init(_ numbers: UnsafeBufferPointer<UInt64>, limit: Int = .max) {
        parameters.reserveCapacity(numbers.count / Rice.block + 1)
        var start = 0
        while start < numbers.count {
            let end = min(start + Rice.block, numbers.count)
            let block = UnsafeBufferPointer(rebasing: numbers[start..<end])
            let (parameter, bits) = Rice.best(block)
            parameters.append(UInt8(truncatingIfNeeded: parameter))
            self.bits += bits + Rice.parameterWidth
            guard self.bits <= limit else { return }
            start = end
        }
    }

    /// The parameter with which a block takes the fewest bits: a guess from the mean, then downhill.
    private static func best(_ block: UnsafeBufferPointer<UInt64>) -> (parameter: Int, bits: Int) {
        var all: UInt64 = 0
        for number in block { all |= number }
        guard all != 0 else { return (zeros, 0) }
        let width = UInt64.bitWidth - all.leadingZeroBitCount
        // 64 numbers of 57 bits add up to 63.
        let scaling = max(0, width - 57)
        var sum: UInt64 = 0
        for number in block { sum &+= number &>> UInt64(scaling) }
        // The best parameter of a geometric distribution is near log2(0.69 x mean).
        let mean = sum / UInt64(block.count) * 11 / 16
        var parameter = min(parameterMax, scaling + max(0, 63 - (mean | 1).leadingZeroBitCount))
        var bits = cost(block, parameter, all)
        while parameter > 0 {
            let less = cost(block, parameter - 1, all)
            guard less < bits else { break }
            (parameter, bits) = (parameter - 1, less)
        }
        while parameter < parameterMax {
            let less = cost(block, parameter + 1, all)
            guard less < bits else { break }
            (parameter, bits) = (parameter + 1, less)
        }
        return (parameter, bits)
    }

    /// - Parameter all: a number with all the bits that any of the block has.
    @inline(__always)
    private static func cost(_ block: UnsafeBufferPointer<UInt64>, _ parameter: Int, _ all: UInt64) -> Int {
        let shift = UInt64(truncatingIfNeeded: parameter)
        var bits: UInt64 = 0
        if all &>> shift < onesMax {
            for number in block { bits &+= number &>> shift }
            return Int(bits) + block.count * (parameter + 1)
        }
        for number in block {
            let ones = number &>> shift
            bits += ones < onesMax ? ones + shift + 1 : UInt64(outlierBits(number))
        }
        return Int(bits)
    }

    private static func outlierBits(_ number: UInt64) -> Int {
        onesMax + widthWidth + UInt64.bitWidth - number.leadingZeroBitCount
    }

    /// The numbers the parameters were chosen for.
    func write(_ numbers: UnsafeBufferPointer<UInt64>, _ writer: inout BitWriter) {
        for (index, parameter) in parameters.enumerated() {
            writer.put(UInt64(parameter), width: Rice.parameterWidth)
            guard parameter != Rice.zeros else { continue }
            let start = index * Rice.block
            let (shift, width) = (UInt64(parameter), Int(parameter))
            for number in numbers[start..<min(start + Rice.block, numbers.count)] {
                let ones = number &>> shift
                if ones < Rice.onesMax {
                    let unary: UInt64 = (1 &<< (ones &+ 1)) &- 2
                    writer.put(unary, width: Int(ones) + 1)
                    writer.put(number & ((1 &<< shift) &- 1), width: width)
                } else {
                    let width = UInt64.bitWidth - number.leadingZeroBitCount
                    writer.put((1 << UInt64(Rice.onesMax)) - 1, width: Rice.onesMax)
                    writer.put(UInt64(width - 1), width: Rice.widthWidth)
                    writer.put(number, width: width)
                }
            }
        }
    }
}
