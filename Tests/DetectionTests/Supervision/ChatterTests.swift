import Plant
import Testing

@testable import Detection

@Suite struct ChatterTests {
    static func announcer(changes: Int, window: Int64, hold: Int64 = 180) -> Announcer {
        let chatter = Supervision.Chatter(changes: changes, window: .seconds(window), hold: .seconds(hold))
        return Announcer(Supervision(chatter: chatter))
    }

    /// C2MON, OscillationUpdaterTest (LGPL; only the numbers): oscNumbers, timeRange, changes sent, their distance.
    @Test(
        arguments: [
            (3, 50, 20, 1_000, true), (3, 50, 20, 30_000, false), (5, 180, 7, 36_000, true), (5, 180, 7, 36_500, false),
            (6, 60, 7, 10_000, true), (6, 60, 7, 10_001, false), (6, 60, 6, 1_000, false),
        ] as [(Int, Int64, Int, Int64, Bool)])
    func `oscillation vectors of C2MON`(changes: Int, window: Int64, sent: Int, step: Int64, chatters: Bool) {
        var announcer = Self.announcer(changes: changes, window: window)
        for change in 0..<sent {
            _ = announcer.tell(.event(change % 2 == 0 ? .raise : .clear, at: Int64(change) * step))
        }
        #expect((announcer.isChattering(0) != nil) == chatters)
    }

    /// C2MON, testOnOffOscillation: only quiet ends it, slower changes do not.
    @Test func `slower changes keep it up and quiet ends it`() {
        var announcer = Self.announcer(changes: 5, window: 180)
        for change in 0..<7 {
            _ = announcer.tell(.event(change % 2 == 0 ? .raise : .clear, at: Int64(change) * 36_000))
        }
        let slow = 6 * 36_000 as Int64
        for change in 1...7 {
            _ = announcer.tell(.event(change % 2 == 0 ? .raise : .clear, at: slow + Int64(change) * 36_500))
        }
        let last = slow + 7 * 36_500
        #expect(announcer.isChattering(0)?.raises == 7)
        #expect(announcer.nextDue == last + 180_000)
        #expect(announcer.tick(last + 179_999).isEmpty)
        let ends = announcer.tick(last + 400_000)
        #expect(ends.map(\.kind) == [.chatterEnds])
        #expect(ends.map(\.time) == [last + 180_000])
        #expect(ends.map(\.count) == [7])
        #expect(announcer.isChattering(0) == nil)
        #expect(announcer.nextDue == nil)
    }

    @Test func `the first raises stand and the further ones are counted`() {
        var announcer = Announcer(Supervision())
        let tellings = (0..<12).map { step in
            announcer.tell(.event(step % 2 == 0 ? .raise : .clear, at: Int64(step) * 1000, .high))
        }
        #expect(
            tellings == [
                .single, .none, .single, .none, .single, .none, .counted, .none, .counted, .none, .counted, .none,
            ])
        #expect(announcer.isChattering(0) == ChatterState(since: 0, raises: 6, counted: 3))
        #expect(announcer.tell(.event(.raise, 1, at: 12_000, .high)) == .single)
        let ends = announcer.tick(11_000 + 180_000)
        #expect(ends.map(\.text) == ["A0 no longer chatters: raised 6 times in 3 min, 3 of them only counted."])
    }

    @Test func `critical raises are told each time`() {
        var announcer = Announcer(Supervision())
        for step in 0..<12 {
            let telling = announcer.tell(.event(step % 2 == 0 ? .raise : .clear, at: Int64(step) * 1000, .critical))
            #expect(telling == (step % 2 == 0 ? .single : .none))
        }
        #expect(announcer.isChattering(0)?.raises == 6)
    }

    @Test func `a worsening is never swallowed and what was told is not told again`() {
        var announcer = Announcer(Supervision())
        for step in 0..<7 {
            _ = announcer.tell(.event(step % 2 == 0 ? .raise : .clear, at: Int64(step) * 1000, level: .high))
        }
        #expect(announcer.isChattering(0) != nil)
        #expect(announcer.tell(.event(.reAlarm, at: 6500, level: .high)) == .counted)
        #expect(announcer.tell(.event(.levelUp, at: 7000, level: .highHigh)) == .single)
        #expect(announcer.tell(.event(.levelUp, at: 7500, level: .highHigh)) == .single)
        #expect(announcer.tell(.event(.clear, at: 8000, level: .highHigh)) == .none)
        #expect(announcer.tell(.event(.raise, at: 9000, level: .highHigh)) == .counted)
        #expect(announcer.tell(.event(.reAlarm, at: 9500, .high, level: .highHigh)) == .single)
        #expect(announcer.tell(.event(.clear, at: 10_000)) == .none)
        #expect(announcer.tell(.event(.raise, at: 11_000, .medium, level: .highHigh)) == .counted)
    }

    @Test func `a raise at a level not told before is told`() {
        var announcer = Announcer(Supervision())
        for step in 0..<8 {
            _ = announcer.tell(.event(step % 2 == 0 ? .raise : .clear, at: Int64(step) * 1000, level: .high))
        }
        #expect(announcer.tell(.event(.raise, at: 8000, level: .highHigh)) == .single)
    }

    @Test func `changes under an overlay are nobody's chatter`() {
        var announcer = Announcer(Supervision())
        for step in 0..<20 {
            _ = announcer.tell(.event(step % 2 == 0 ? .raiseSuppressed : .clearSuppressed, at: Int64(step)))
        }
        #expect(announcer.isChattering(0) == nil)
    }

    @Test func `it survives new numbers and new rules`() {
        var announcer = Announcer(Supervision())
        for step in 0..<8 {
            for alarm in [0, 1] {
                _ = announcer.tell(.event(step % 2 == 0 ? .raise : .clear, alarm, at: Int64(step) * 1000))
            }
        }
        let settings = Supervision(chatter: .init(hold: .seconds(10)))
        announcer.renumber({ $0 == 0 ? nil : 5 }, under: settings)
        #expect(announcer.isChattering(0) == nil && announcer.isChattering(1) == nil)
        #expect(announcer.isChattering(5)?.raises == 4)
        #expect(announcer.nextDue.map { $0 <= 17_000 } == true)
        var quiet = announcer
        #expect(quiet.tick(17_000).filter { $0.kind == .chatterEnds }.map(\.alarms) == [[5]])
        #expect(announcer.tell(.event(.raise, 5, at: 8000)) == .counted)
        #expect(announcer.tick(18_000).filter { $0.kind == .chatterEnds }.map(\.alarms) == [[5]])
    }
}
