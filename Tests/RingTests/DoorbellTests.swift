import Glibc
import Testing

@testable import Ring

@Suite struct DoorbellTests {
    /// So long that no machine is that busy: a sleep that lasts all of it was not cut short by a ring.
    private let ages: Int64 = 20_000_000_000
    private let aMoment: Int64 = 20_000_000

    @Test func aRingAfterListeningLetsNobodySleep() {
        let bell = Doorbell()
        bell.listen()
        bell.ring()
        #expect(!sleeps(bell, ages))
    }

    @Test func aRingBeforeTheFirstListenLetsNobodySleep() {
        let bell = Doorbell()
        bell.ring()
        #expect(!sleeps(bell, ages))
    }

    @Test func anEarlierRingIsForgottenByListening() {
        let bell = Doorbell()
        bell.ring()
        bell.listen()
        #expect(sleeps(bell, aMoment))
    }

    @Test func manyRingsAreOne() {
        let bell = Doorbell()
        for _ in 0..<1000 { bell.ring() }
        #expect(!sleeps(bell, ages))
        bell.listen()
        #expect(sleeps(bell, aMoment))
    }

    @Test func aRingWakesASleeper() throws {
        let (bell, woken) = (Doorbell(), Doorbell())
        let sleeper = try Worker(name: "sleeper") { [ages] in
            bell.wait(nanoseconds: ages)
            woken.ring()
        }
        // Whether it comes before the sleep or in it, the sleeper must return.
        bell.ring()
        #expect(!sleeps(woken, ages))
        sleeper.join()
    }

    @Test func aSleepWithoutARingLastsItsWholeTime() {
        #expect(sleeps(Doorbell(), aMoment))
    }

    @Test(arguments: [0, -1]) func noTimeIsNoSleep(nanoseconds: Int64) {
        Doorbell().wait(nanoseconds: nanoseconds)
    }

    @Test func aRingerThatWritesLateCutsOneSleepShortAndNoMore() {
        let bell = Doorbell()
        // What is left behind when the sleeper's time is over between the ringer's exchange and its write.
        var one: UInt64 = 1
        #expect(write(bell.descriptor, &one, 8) == 8)
        #expect(!sleeps(bell, ages))
        #expect(sleeps(bell, aMoment))
    }

    /// True when a wait lasted all of its time. That it lasts so long without a ring is certain on the busiest machine,
    /// and so is that it ends before `ages` with one.
    private func sleeps(_ bell: Doorbell, _ nanoseconds: Int64) -> Bool {
        let clock = ContinuousClock()
        let start = clock.now
        bell.wait(nanoseconds: nanoseconds)
        return clock.now - start >= .nanoseconds(nanoseconds)
    }
}
