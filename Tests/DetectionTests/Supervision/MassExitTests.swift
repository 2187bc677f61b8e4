import Plant
import Testing

@testable import Detection

@Suite struct MassExitTests {
    @Test(arguments: [5, 6])
    func `more than five of one batch are one notice`(count: Int) {
        var announcer = Announcer(Supervision())
        let (tellings, notices) = announcer.tell((0..<count).map { .event(.raiseExit, $0, at: 1000) })
        let isMass = count > 5
        #expect(tellings == Array(repeating: isMass ? .grouped : .single, count: count))
        #expect(notices.map(\.kind) == (isMass ? [.massExit] : []))
        #expect(notices.map(\.alarms) == (isMass ? [Array(0..<count)] : []))
        #expect(
            notices.map(\.text) == (isMass ? ["6 alarms are active after suppression: A0, A1, A2, A3, A4, A5."] : []))
        #expect(announcer.nextDue == nil)
    }

    @Test func `when they trickle in the first five are told and the others gather`() {
        var announcer = Announcer(Supervision())
        var tellings: [Telling] = []
        for alarm in 0..<8 { tellings.append(announcer.tell(.event(.raiseExit, alarm, at: Int64(alarm) * 400))) }
        #expect(tellings == Array(repeating: .single, count: 5) + Array(repeating: .grouped, count: 3))
        #expect(announcer.nextDue == 4000)
        let notices = announcer.tick(10_000)
        #expect(notices.map(\.time) == [4000])
        #expect(notices.map(\.alarms) == [[5, 6, 7]])
        #expect(notices.map(\.since) == [2000])
    }

    @Test(arguments: [(2000 as Int64, Telling.grouped), (2001, .single)])
    func `the sixth is too many within two seconds sharp`(sixth: Int64, telling: Telling) {
        var announcer = Announcer(Supervision())
        for alarm in 0..<5 { _ = announcer.tell(.event(.raiseExit, alarm, at: 0)) }
        #expect(announcer.tell(.event(.raiseExit, 5, at: sixth)) == telling)
    }

    @Test func `critical ones are told singly and count`() {
        var announcer = Announcer(Supervision())
        let (tellings, notices) = announcer.tell(
            (0..<6).map { .event(.raiseExit, $0, at: 0, $0 < 2 ? .critical : .high) })
        #expect(tellings == [.single, .single, .grouped, .grouped, .grouped, .grouped])
        #expect(notices.map(\.count) == [4])
    }

    @Test func `ordinary raises between them are told as ever`() {
        var announcer = Announcer(Supervision())
        var batch = (0..<6).map { Announcer.Occasion.event(.raiseExit, $0, at: 0) }
        batch.insert(.event(.raise, 9, at: 0), at: 3)
        batch.append(.event(.raiseExit, 10, at: 0, annunciated: false))
        let tellings = announcer.tell(batch).tellings
        #expect(tellings == [.grouped, .grouped, .grouped, .single, .grouped, .grouped, .grouped, .none])
    }

    @Test func `a group of thirty is one annunciation and no flood`() {
        var announcer = Announcer(Supervision())
        _ = announcer.tell((0..<30).map { .event(.raiseExit, $0, at: 0) })
        for alarm in 0..<8 { _ = announcer.tell(.event(.raise, alarm, at: 1000)) }
        #expect(announcer.flood == nil)
        _ = announcer.tell(.event(.raise, 8, at: 1000))
        #expect(announcer.flood?.count == 10)
    }

    @Test func `what has gathered survives a reload`() {
        var announcer = Announcer(Supervision())
        for alarm in 0..<8 { _ = announcer.tell(.event(.raiseExit, alarm, at: Int64(alarm))) }
        announcer.renumber({ $0 == 6 ? nil : $0 * 10 }, under: Supervision())
        #expect(announcer.tick(9000).map(\.alarms) == [[50, 70]])
    }
}
