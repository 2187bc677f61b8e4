import Chunks
import Plant
import TestSupport
import Testing

@Suite struct StatisticsTests {
    /// The definitions, read word by word.
    private func oracle(_ column: TagColumn, _ span: SpanColumns, _ traits: ChunkTraits) -> ChunkStatistics? {
        guard !traits.type.isString, column.qualities.isEmpty, span.losses.allSatisfy(\.isGood) else { return nil }
        let numbers = column.bits.map(traits.type.rawNumber)
        guard numbers.allSatisfy(\.isFinite), let min = numbers.min(), let max = numbers.max() else { return nil }
        let pairs = zip(zip(numbers, numbers.dropFirst()), zip(span.times, span.times.dropFirst()))
        guard pairs.allSatisfy({ $1.1 - $1.0 <= 3 * traits.period && $1.1 >= $1.0 }) else { return nil }
        let sum = numbers.reduce(0, +)
        let mean = sum / Double(numbers.count)
        let area = pairs.map { values, times in
            (traits.isStepped ? values.0 : values.0 / 2 + values.1 / 2) * Double(times.1 - times.0)
        }.reduce(0, +)
        let rise = pairs.map { values, _ in Counter.increase(from: values.0, to: values.1, type: traits.type) }
        return ChunkStatistics(
            first: numbers[0], last: numbers[numbers.count - 1], min: min, max: max,
            minTime: span.times[numbers.firstIndex(of: min) ?? -1],
            maxTime: span.times[numbers.firstIndex(of: max) ?? -1], sum: sum,
            squares: numbers.map { ($0 - mean) * ($0 - mean) }.reduce(0, +), area: area,
            rise: traits.isCounter ? rise.reduce(0, +) : nil)
    }

    private func isNear(_ one: Double, _ other: Double, scale: Double) -> Bool {
        one == other || abs(one - other) <= 1e-9 * scale
    }

    @Test(arguments: RandomColumns.types)
    func areWhatTheDefinitionsSay(_ type: ValueType) throws {
        var (some, none) = (0, 0)
        for seed in UInt64(0)..<200 {
            var source = RandomColumns(seed: seed)
            var span = source.span(source.random.pick([1, 2, 3, 64, 300]), withLosses: source.random.chance(10))
            // Half the spans run without a late scan.
            if source.random.chance(50) { span.times = span.times.indices.map { Int64($0 * 990) - 77_000 } }
            let column = source.column(type, source.random.pick(RandomColumns.Shape.allCases), span)
            let traits = traits(type, isStepped: source.random.chance(50), isCounter: source.random.chance(30))
            let bytes = Chunk.encode(column, span, traits)
            let found = try statistics(bytes, count: span.count, start: span.times[0], traits)
            guard let expected = oracle(column, span, traits) else {
                try #require(found == nil, "seed \(seed)")
                none += 1
                continue
            }
            // Sums that are beyond a double are the only other reason to have none.
            let all = [expected.sum, expected.squares, expected.area, expected.rise ?? 0]
            guard all.allSatisfy(\.isFinite), expected.max - expected.min < .greatestFiniteMagnitude / 2 else {
                continue
            }
            guard let found else {
                Issue.record("no statistics, seed \(seed)")
                return
            }
            some += 1
            try #require(found.first == expected.first && found.last == expected.last, "seed \(seed)")
            try #require(found.min == expected.min && found.max == expected.max, "seed \(seed)")
            try #require(found.minTime == expected.minTime, "seed \(seed)")
            try #require(found.maxTime == expected.maxTime, "seed \(seed)")
            let largest = max(abs(expected.min), abs(expected.max))
            let (count, range) = (Double(span.count), max(expected.max - expected.min, largest * 1e-6))
            let duration = Double(span.times[span.count - 1] - span.times[0])
            try #require(isNear(found.sum, expected.sum, scale: largest * count), "seed \(seed)")
            try #require(isNear(found.squares, expected.squares, scale: range * range * count), "seed \(seed)")
            try #require(isNear(found.area, expected.area, scale: largest * duration), "seed \(seed)")
            try #require((found.rise == nil) == (expected.rise == nil), "seed \(seed)")
            try #require(
                isNear(found.rise ?? 0, expected.rise ?? 0, scale: (abs(expected.rise ?? 0) + largest) * count),
                "seed \(seed)")
        }
        #expect(type.isString ? some == 0 : some > 25 && none > 25)
    }

    @Test func wholeNumbersAreExact() throws {
        // The mean is 10.5: squares 0.25 + 0.25 + 2.25 + 2.25.
        let bits: [UInt64] = [10, 11, 9, 12]
        let span = evenSpan(4, from: 50_000)
        let bytes = Chunk.encode(TagColumn(bits: bits), span, traits(.uint16))
        #expect(
            try statistics(bytes, count: 4, start: 50_000, traits(.uint16))
                == ChunkStatistics(
                    first: 10, last: 12, min: 9, max: 12, minTime: 52_000, maxTime: 53_000, sum: 42, squares: 5,
                    area: 31_000, rise: nil))
        let steps = traits(.uint16, isStepped: true, isCounter: true)
        #expect(
            try statistics(
                Chunk.encode(TagColumn(bits: bits), span, steps), count: 4, start: 50_000, steps)
                == ChunkStatistics(
                    first: 10, last: 12, min: 9, max: 12, minTime: 52_000, maxTime: 53_000, sum: 42, squares: 5,
                    area: 30_000, rise: 1 + 9 + 3))
    }

    @Test(arguments: [
        (Int64(3000), true), (3001, false), (0, true), (-1, false),
    ])
    func aLateScanLeavesNone(_ step: Int64, _ has: Bool) throws {
        var span = evenSpan(3)
        span.times = [0, step, step + 1000]
        for bits: [UInt64] in [[1, 2, 4], [5, 5, 5]] {
            let bytes = Chunk.encode(TagColumn(bits: bits), span, traits(.int16))
            #expect((try statistics(bytes, count: 3, start: 0, traits(.int16)) != nil) == has)
            #expect(try decoded(bytes, count: 3, .int16).bits == bits)
        }
    }

    @Test(arguments: [Quality.stale, .timeout, .reset])
    func aReadingThatIsNotGoodLeavesNone(_ quality: Quality) throws {
        let column = TagColumn(bits: [1, 2, 3], qualities: [.good, quality, .good])
        #expect(
            try statistics(Chunk.encode(column, evenSpan(3), traits(.int16)), count: 3, start: 0, traits(.int16))
                == nil)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func aNumberThatIsNoneLeavesNone(_ number: Double) throws {
        for bits in [[1.25, number, 3], [number, number, number]] {
            let column = TagColumn(bits: bits.map(\.bitPattern))
            let bytes = Chunk.encode(column, evenSpan(3), traits(.float64))
            #expect(try statistics(bytes, count: 3, start: 0, traits(.float64)) == nil)
            #expect(try decoded(bytes, count: 3, .float64) == column)
        }
    }

    /// Twice the greatest number is no sum.
    @Test func aSumBeyondADoubleLeavesNone() throws {
        let most = Double.greatestFiniteMagnitude
        for numbers in [[most, most, most], [most, 1, most]] {
            let bytes = Chunk.encode(TagColumn(bits: numbers.map(\.bitPattern)), evenSpan(3), traits(.float64))
            #expect(try statistics(bytes, count: 3, start: 0, traits(.float64)) == nil)
        }
    }

    /// 2^53 + 1 is the same double as 2^53, so the least was there from the beginning.
    @Test func timesAreThoseOfTheDoubles() throws {
        let column = TagColumn(bits: [1 << 53 | 1, 1 << 53, 1 << 53 | 2])
        var span = evenSpan(3)
        // So short that no sum is too large to be exact.
        span.times = [0, 1, 2]
        let bytes = Chunk.encode(column, span, traits(.int64))
        let found = try #require(try statistics(bytes, count: 3, start: 0, traits(.int64)))
        #expect((found.minTime, found.maxTime) == (0, 2))
        #expect(try decoded(bytes, count: 3, .int64) == column)
    }

    @Test(arguments: [ValueType.uint32, .uint64, .int64])
    func sixtyFourBitsDoNotOverflow(_ type: ValueType) throws {
        let most: UInt64 = type == .uint64 ? .max : type == .int64 ? UInt64(Int64.max) : UInt64(UInt32.max)
        let column = TagColumn(bits: [most, 0, most, most - 1])
        let bytes = Chunk.encode(column, evenSpan(4), traits(type))
        let found = try #require(try statistics(bytes, count: 4, start: 0, traits(type)))
        #expect((found.max, found.min, found.minTime) == (type.rawNumber(most), 0, 1000))
        #expect(abs(found.sum - 3 * type.rawNumber(most)) <= 2)
    }
}
