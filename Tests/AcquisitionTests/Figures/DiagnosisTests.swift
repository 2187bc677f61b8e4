import Modbus
import Plant
import Testing

@testable import Acquisition

/// The figures that a line tells of itself.
@Suite struct DiagnosisTests {
    private static let second: Int64 = 1_000_000_000
    private static let millisecond: Int64 = 1_000_000

    /// A diagnosis and what it looks at.
    private final class Telling {
        var diagnosis: Diagnosis
        var figures = RequestFigures()
        var scans = ScanFigures()

        init(_ figures: [Diagnostic], _ subject: Diagnosis.Subject = .line) {
            diagnosis = Diagnosis(group: 0, subject: subject, figures: figures, sequence: 1, now: 0)
        }

        func values(strays: Int = 0, at now: Int64) -> [Double?] {
            defer { figures.recent.clear() }
            return diagnosis.values(
                of: figures, connected: true, endpoint: 1, connects: 4, strays: strays, quarantined: 7, at: now)
        }

        func scanValues(at now: Int64) -> [Double?] { diagnosis.values(of: scans, at: now) }
    }

    @Test func countsGrowAndRatesAreThoseOfThePeriod() {
        let telling = Telling([.ok, .requestRate, .byteRate, .busy])
        for _ in 0..<50 { telling.figures.answered(after: 20 * Self.millisecond, bytes: 100) }
        #expect(telling.values(at: 10 * Self.second) == [50, 5, 500, 10])
        for _ in 0..<10 { telling.figures.answered(after: 100 * Self.millisecond, bytes: 10) }
        telling.figures.failed(.exception(2))
        #expect(telling.values(at: 15 * Self.second) == [60, 2.2, 20, 20])
        #expect(telling.values(at: 25 * Self.second) == [60, 0, 0, 0], "nothing was asked")
    }

    @Test func roundTripsAreThoseOfThePeriodAndNothingWhenThereWereNone() throws {
        let telling = Telling([.roundTripMin, .roundTripMean, .roundTripP99, .roundTripMax])
        // 985 at 1 ms and 15 at 80 ms: the p99 lies among the slow ones.
        for index in 0..<1000 { telling.figures.answered(after: (index < 985 ? 1 : 80) * Self.millisecond, bytes: 2) }
        let told = telling.values(at: 10 * Self.second)
        #expect(told[0] == 1 && told[3] == 80)
        #expect(abs(try #require(told[1]) - 2.185) < 0.001)
        let p99 = try #require(told[2])
        #expect(p99 >= 80 && p99 <= 90)
        #expect(telling.values(at: 20 * Self.second) == [nil, nil, nil, nil])
        telling.figures.answered(after: 3 * Self.millisecond, bytes: 2)
        #expect(telling.values(at: 30 * Self.second) == [3, 3, 3, 3], "the periods before are forgotten")
        #expect(telling.figures.roundTrips.count == 1001, "and the line's own histogram is not")
    }

    struct Cause: Sendable {
        let error: ModbusError
        let figure: Diagnostic
    }

    static let causes: [Cause] =
        [
            Cause(error: .timeout, figure: .timeouts), Cause(error: .refused, figure: .refusals),
            Cause(error: .unreachable(113), figure: .refusals), Cause(error: .disconnected(104), figure: .disconnects),
            Cause(error: .badReply(.unit), figure: .badReplies), Cause(error: .badReply(.stray), figure: .strays),
        ]
        + zip(
            [1, 2, 3, 4, 5, 6, 8, 10, 11] as [UInt8],
            [
                .exception1, .exception2, .exception3, .exception4, .exception5, .exception6, .exception8, .exception10,
                .exception11,
            ] as [Diagnostic]
        ).map { Cause(error: .exception($0), figure: $1) }

    @Test(arguments: causes)
    func everyCauseHasItsOwnCount(_ cause: Cause) {
        let all = Diagnostic.ofLine + Diagnostic.ofUnit.filter { !Diagnostic.ofLine.contains($0) }
        let counts: [Diagnostic] = all.filter { $0.type == .uint64 }
        let telling = Telling(counts)
        for _ in 0..<3 { telling.figures.failed(cause.error) }
        let told = Dictionary(uniqueKeysWithValues: zip(counts, telling.values(at: Self.second)))
        var expected: Set<Diagnostic> = [cause.figure]
        if case .exception = cause.error { expected.insert(.exceptions) }
        // A stray that ended a connection is a bad reply and a stray.
        if cause.error == .badReply(.stray) { expected.insert(.badReplies) }
        for (figure, value) in told {
            let other: Double = figure == .connects ? 4 : figure == .endpoint ? 1 : figure == .quarantined ? 7 : 0
            #expect(value == (expected.contains(figure) ? 3 : other), "\(figure)")
        }
    }

    @Test func droppedStraysAndThoseThatEndedAConnectionAreBothStrays() {
        let telling = Telling([.strays])
        telling.figures.failed(.badReply(.stray))
        #expect(telling.values(strays: 5, at: Self.second) == [6])
    }

    @Test func everyFigureOfASubjectHasAValue() {
        for subject in [Diagnostic.ofLine, Diagnostic.ofUnit] {
            let telling = Telling(subject)
            telling.figures.answered(after: 1, bytes: 1)
            #expect(telling.values(at: 1).allSatisfy { $0 != nil })
        }
        let telling = Telling(Diagnostic.ofGroup, .group(0))
        telling.scans.began(late: false, lateness: 3, skipped: 0)
        telling.scans.ended(sequence: 1, after: 4)
        #expect(telling.scanValues(at: 1).allSatisfy { $0 != nil })
    }

    // MARK: Scans

    @Test func aGroupThatKeepsItsPeriodIsNotOverloaded() {
        let telling = Telling(
            [.requestedRate, .achievedRate, .overload, .latenessMax, .passMean, .skipped], .group(0))
        for number in 1...20 {
            telling.scans.began(late: false, lateness: 2 * Self.millisecond, skipped: 0)
            telling.scans.ended(sequence: UInt64(number), after: 30 * Self.millisecond)
        }
        #expect(telling.scanValues(at: 10 * Self.second) == [2, 2, 0, 2, 30, 0])
    }

    @Test func whatIsLeftOutIsTheOverloadOfItsPeriod() {
        let telling = Telling([.requestedRate, .achievedRate, .overload, .late, .skipped], .group(0))
        for number in 1...5 {
            telling.scans.began(late: true, lateness: 900 * Self.millisecond, skipped: 1)
            telling.scans.ended(sequence: UInt64(number), after: Self.second)
        }
        #expect(telling.scanValues(at: 10 * Self.second) == [1, 0.5, 50, 5, 5])
        for number in 6...15 {
            telling.scans.began(late: false, lateness: 0, skipped: 0)
            telling.scans.ended(sequence: UInt64(number), after: Self.second)
        }
        #expect(telling.scanValues(at: 20 * Self.second) == [1, 1, 0, 5, 5], "over is over")
    }

    /// Out of turn, as after a loss, a scan is neither late nor on time.
    @Test func aScanOutOfTurnHasNoLateness() {
        let telling = Telling([.latenessMean, .latenessMax, .overload], .group(0))
        telling.scans.began(late: false, lateness: nil, skipped: 0)
        #expect(telling.scanValues(at: Self.second) == [nil, nil, 0])
    }
}
