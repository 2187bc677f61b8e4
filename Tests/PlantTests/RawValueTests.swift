import Plant
import Testing

@Suite struct RawValueTests {
    @Test(
        arguments: [
            (.bool, 0, "0"), (.bool, 1, "1"),
            (.int16, UInt64(bitPattern: -32_768), "-32768"), (.int16, 32_767, "32767"),
            (.uint16, 65_535, "65535"),
            (.int32, UInt64(bitPattern: Int64(Int32.min)), "-2147483648"), (.uint32, 4_294_967_295, "4294967295"),
            (.int64, UInt64(bitPattern: .min), "-9223372036854775808"),
            (.int64, UInt64(Int64.max), "9223372036854775807"),
            (.uint64, .max, "18446744073709551615"),
            (.float32, UInt64(Float(0.1).bitPattern), "0.1"), (.float32, UInt64(Float(-0.0).bitPattern), "-0.0"),
            (.float32, UInt64(Float.leastNonzeroMagnitude.bitPattern), "1e-45"),
            (.float64, (0.1 + 0.2).bitPattern, "0.30000000000000004"), (.float64, 1e300.bitPattern, "1e+300"),
            (.string(registers: 4), 8, ""),
        ] as [(ValueType, UInt64, String)])
    func textIsExact(type: ValueType, bits: UInt64, text: String) {
        #expect(type.rawText(bits) == text)
    }

    @Test(
        arguments: [
            (.bool, 1, 1), (.int16, UInt64(bitPattern: -1), -1), (.uint16, 65_535, 65_535),
            (.int32, UInt64(bitPattern: -5), -5), (.uint32, 4_294_967_295, 4_294_967_295),
            (.int64, UInt64(bitPattern: -9_007_199_254_740_992), -9_007_199_254_740_992),
            (.uint64, .max, 18_446_744_073_709_551_616), (.float32, UInt64(Float(1450.5).bitPattern), 1450.5),
            (.float64, Double.pi.bitPattern, .pi),
        ] as [(ValueType, UInt64, Double)])
    func numbersKeepTheirSignAndSize(type: ValueType, bits: UInt64, number: Double) {
        #expect(type.rawNumber(bits) == number)
    }

    @Test func aStringHasNoNumber() {
        #expect(ValueType.string(registers: 2).rawNumber(3).isNaN)
    }

    @Test func theUpperHalfOfAFloat32DoesNotMatter() {
        let bits = UInt64(Float(21.5).bitPattern) | 0xFFFF_FFFF_0000_0000
        #expect(ValueType.float32.rawNumber(bits) == 21.5)
        #expect(ValueType.float32.rawText(bits) == "21.5")
    }

    /// Bit patterns spread over the whole range by a multiplicative sequence, so NaNs and subnormals are among them.
    @Test func textGivesTheSameRawNumberBack() {
        for step in UInt64(0)..<20_000 {
            let bits = step &* 0x9E37_79B9_7F4A_7C15
            let narrow = UInt32(truncatingIfNeeded: bits >> 13)
            let float = Float(bitPattern: narrow)
            if !float.isNaN {
                #expect(Float(ValueType.float32.rawText(UInt64(narrow)))?.bitPattern == narrow)
            }
            let double = Double(bitPattern: bits)
            if !double.isNaN {
                #expect(Double(ValueType.float64.rawText(bits))?.bitPattern == bits)
            }
            #expect(UInt64(ValueType.uint64.rawText(bits)) == bits)
            #expect(Int64(ValueType.int64.rawText(bits)) == Int64(bitPattern: bits))
        }
    }

    @Test(arguments: [
        (0.1, 0, 14_505, 1450.5), (1, -273.15, 300, 26.850000000000023), (2, 1, 20, 41), (-0.5, 0, 3, -1.5),
    ])
    func engineeringIsRawTimesScalePlusOffset(scale: Double, offset: Double, raw: Int, engineering: Double) throws {
        let tag = try #require(makeTag(.int16, scale: scale, offset: offset))
        #expect(tag.engineering(UInt64(bitPattern: Int64(raw))) == engineering)
    }

    @Test func anUnscaledValueIsNotTouched() throws {
        // raw x 1 + 0 would turn the negative zero into a positive one.
        let tag = try #require(makeTag(.float64))
        #expect(tag.engineering((-0.0).bitPattern).sign == .minus)
        #expect(tag.isUnscaled)
    }
}
