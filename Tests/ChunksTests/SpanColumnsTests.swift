import Chunks
import Plant
import TestSupport
import Testing

@Suite struct SpanColumnsTests {
    @Test func everySpanComesBack() throws {
        var times: [Int64] = []
        for seed in UInt64(0)..<300 {
            var source = RandomColumns(seed: seed)
            var span = source.span(source.random.pick(RandomColumns.counts))
            if source.random.chance(10) { span.times = span.times.map { _ in Int64(bitPattern: source.random.next()) } }
            if span.losses.allSatisfy(\.isGood) { span.losses = [] }
            let bytes = span.encoded()
            try bytes.withUnsafeBytes { data in
                try #require(try SpanColumns(decoding: data, count: span.count) == span, "seed \(seed)")
                try SpanColumns.decodeTimes(data, count: span.count, into: &times)
                try #require(times == span.times, "seed \(seed)")
                try #require(try SpanColumns.decodeLosses(data, count: span.count) == span.losses, "seed \(seed)")
            }
        }
    }

    @Test func extremesComeBack() throws {
        let extremes = SpanColumns(
            times: [.min, .max, 0, -1, .min], took: [.max, .min, 0, 1, 2], sequences: [.max, 0, 1 << 63, 5, 6],
            ordinals: [0, .max, .min, 7, 8], losses: [.good, .timeout, .timeout, .good, .good])
        let bytes = extremes.encoded()
        #expect(try bytes.withUnsafeBytes { try SpanColumns(decoding: $0, count: 5) } == extremes)
    }

    @Test func goodLossesAreNone() throws {
        var span = evenSpan(3)
        span.losses = [.good, .good, .good]
        let bytes = span.encoded()
        #expect(bytes == evenSpan(3).encoded())
        #expect(try bytes.withUnsafeBytes { try SpanColumns.decodeLosses($0, count: 3) }.isEmpty)
    }

    /// The bytes themselves: no losses, then four columns, each a progression or a constant.
    @Test func bytes() {
        let expected: [UInt8] = [0, 1, 0, 0xD0, 0x0F, 0, 14, 1, 2, 2, 1, 0, 40]
        #expect(evenSpan(900).encoded() == expected)
    }

    /// Losses once more, between them what stays the same.
    @Test func bytesOfLosses() {
        var span = evenSpan(3)
        span.losses = [.good, .timeout, .timeout]
        #expect(span.encoded() == [1, 0, 1, 129, 2] + evenSpan(3).encoded().dropFirst())
    }

    /// A scan that was left out moves all later ones off the line, which must not cost them a bit each.
    @Test func aScanLeftOutCostsLittle() {
        var source = RandomColumns(seed: 9)
        var span = evenSpan(900)
        span.times = span.times.map { $0 + Int64(source.random.next() % 3) }
        let before = span.encoded().count
        // 1.6 bits of chance a scan; from scan to scan there would be 2.2.
        #expect(before < 900 * 2 / 8 + 60)
        span.times = span.times.enumerated().map { $0.offset < 450 ? $0.element : $0.element + 7000 }
        #expect(span.encoded().count < before + 150)
    }
}
