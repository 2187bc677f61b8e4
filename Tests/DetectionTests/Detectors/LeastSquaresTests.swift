import TestSupport
import Testing

@testable import Detection

@Suite struct LeastSquaresTests {
    /// The textbook's two passes.
    private static func naive(_ points: [Window.Point], at time: Int64) -> (slope: Double, error: Double, fit: Double) {
        let count = Double(points.count)
        let times = points.map { Double($0.time - points[0].time) }
        let meanTime = times.reduce(0, +) / count
        let meanValue = points.map(\.value).reduce(0, +) / count
        let tt = times.map { ($0 - meanTime) * ($0 - meanTime) }.reduce(0, +)
        let tv = zip(times, points).map { ($0 - meanTime) * ($1.value - meanValue) }.reduce(0, +)
        let slope = tv / tt
        func line(_ time: Double) -> Double { meanValue + slope * (time - meanTime) }
        let residual = zip(times, points).map { ($1.value - line($0)) * ($1.value - line($0)) }.reduce(0, +)
        return (slope, (residual / (count - 2) / tt).squareRoot(), line(Double(time - points[0].time)))
    }

    private static func isNear(_ a: Double, _ b: Double, _ scale: Double) -> Bool { abs(a - b) <= 1e-9 * scale }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func `the sliding line is the line of the points in the window`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let over: Int64 = 60_000
        var line = SlidingLine(over: over)
        var kept: [Window.Point] = []
        // As late as the scale may be: 50 years in milliseconds.
        var time: Int64 = 50 * 365 * 86_400_000
        for step in 0..<3000 {
            time += Int64(random.next() % 2000) + 20
            let spike = step % 500 == 250 ? 1e9 : 0
            let value = 1500 + Double(random.next() % 1000) / 100 + spike
            kept.append(Window.Point(time: time, value: value))
            kept.removeAll { time - $0.time > over }
            line.take(time: time, value: value)
            #expect(line.count == kept.count, "seed \(seed), step \(step)")
            guard kept.count > 4, kept.allSatisfy({ $0.value < 1e6 }) else { continue }
            let (slope, error, fit) = Self.naive(kept, at: time)
            let moments = line.moments
            let isSame =
                Self.isNear(moments.slope, slope, 0.01) && Self.isNear(moments.slopeError, error, 0.01)
                && Self.isNear(line.fit(at: time), fit, 1500)
            #expect(isSame, "seed \(seed), step \(step)")
        }
    }

    @Test func `a window that would hold more than its limit is thinned`() {
        var line = SlidingLine(over: 3_600_000)
        for step in Int64(0)..<100_000 { line.take(time: step * 100, value: Double(step)) }
        #expect(line.count > Window.limit / 2 && line.count <= Window.limit + 1, "\(line.count)")
        #expect(Self.isNear(line.moments.slope, 0.01, 1))
    }
}

@Suite struct RingTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `a ring is an array`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var ring = Ring<Int>()
        var array: [Int] = []
        for step in 0..<5000 {
            switch random.next() % 8 {
            case 0..<5 where array.count < 200:
                ring.append(step)
                array.append(step)
            case 5 where !array.isEmpty:
                ring.removeLast()
                array.removeLast()
            case 6 where step % 700 == 0:
                ring.removeAll()
                array.removeAll()
            default:
                if !array.isEmpty {
                    ring.removeFirst()
                    array.removeFirst()
                }
            }
            #expect((0..<ring.count).map { ring[$0] } == array, "seed \(seed), step \(step)")
            #expect(ring.first == array.first && ring.last == array.last)
        }
    }
}
