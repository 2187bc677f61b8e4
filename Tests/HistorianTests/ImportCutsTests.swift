import TestSupport
import Testing

@testable import Historian

/// How new readings become spans.
@Suite struct ImportCutsTests {
    /// Readings a second apart; at each of the breaks a day passes before the reading.
    static func text(_ count: Int, breaks: [Int] = [], layouts: [Int: Int64] = [:], isComplete: Bool) -> String {
        var (time, layout) = (Int64(0), Int64(1))
        var (times, kinds): ([Int64], [Int64]) = ([], [])
        for index in 0..<count {
            time += breaks.contains(index) ? 86_400_000 : 1000
            layout = layouts[index] ?? layout
            times.append(time)
            kinds.append(layout)
        }
        let cuts = ImportCuts(times: times, layouts: kinds, period: 1000, isComplete: isComplete)
        return cuts.parts.map { "\($0.isSpan ? "span" : "rows") \($0.range.lowerBound)-\($0.range.upperBound)" }
            .joined(separator: ", ") + " | \(cuts.end)"
    }

    static let cases: [(String, String)] = [
        (text(0, isComplete: true), " | 0"), (text(299, isComplete: true), "rows 0-299 | 299"),
        (text(300, isComplete: true), "span 0-300 | 300"), (text(900, isComplete: true), "span 0-900 | 900"),
        (text(901, isComplete: true), "span 0-450, span 450-901 | 901"),
        // More will come: only what is full, and the rest with the next piece.
        (text(2000, isComplete: false), "span 0-900, span 900-1800 | 1800"), (text(899, isComplete: false), " | 0"),
        // A run that has ended does not wait for it.
        (text(1000, breaks: [400], isComplete: false), "span 0-400 | 400"),
        (text(1000, breaks: [400], isComplete: true), "span 0-400, span 400-1000 | 1000"),
        (text(500, breaks: [100], isComplete: true), "rows 0-100, span 100-500 | 500"),
        (text(700, layouts: [350: 2], isComplete: true), "span 0-350, span 350-700 | 700"),
    ]

    @Test(arguments: cases)
    func runsAreCut(_ found: String, _ expected: String) { #expect(found == expected) }

    @Test func everyReadingIsInOnePart() {
        var random = SeededRandom(seed: 31)
        for _ in 0..<300 {
            let count = Int.random(in: 1...4000, using: &random)
            var time: Int64 = 0
            let times = (0..<count).map { _ in
                time += random.chance(1) ? 90_000_000 : 1000
                return time
            }
            let isComplete = random.chance(50)
            let cuts = ImportCuts(
                times: times, layouts: times.map { _ in 1 }, period: 1000, isComplete: isComplete)
            #expect(cuts.parts.flatMap(\.range) == Array(0..<cuts.end), "seed 31")
            #expect(cuts.end == count || !isComplete && count - cuts.end < ImportSealer.scans, "seed 31")
            for part in cuts.parts {
                #expect(part.range.count <= ImportSealer.scans, "seed 31")
                #expect(part.isSpan == (part.range.count >= ImportCuts.fewest), "seed 31")
            }
        }
    }
}
