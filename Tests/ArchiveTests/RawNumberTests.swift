import Plant
import Testing

@testable import Archive

@Suite("Numbers out of the text of a row")
struct RawNumberTests {
    /// The first lies so near to the middle of two floats that its double is that middle, which rounds the other way.
    @Test(arguments: [
        ("0.5000000298023224", Float(0.5).nextUp), ("1e-05", 1e-05), ("3.4028235e+38", .greatestFiniteMagnitude),
        ("-0.0", -0.0), ("1e-45", .leastNonzeroMagnitude), ("1487.0675", 1487.0675),
    ])
    func floatsAreRoundedOnce(text: String, number: Float) {
        let bytes = Array("\(text),".utf8) + [0]
        let bits = bytes.withUnsafeBufferPointer { bytes in
            bytes.baseAddress.flatMap { RawNumber.bits(of: .float32, at: $0)?.bits }
        }
        #expect(bits == UInt64(number.bitPattern))
    }
}
