import Foundation
import Glibc
import TestSupport
import Testing

@testable import Modbus

@Suite struct InterrupterTests {
    @Test func everySleepAfterAnInterruptionReturnsAtOnce() {
        let interrupter = Interrupter()
        #expect(!interrupter.isInterrupted)
        interrupter.interrupt()
        #expect(interrupter.isInterrupted)
        // An hour each: the test would not end.
        for _ in 0..<3 { interrupter.sleep(nanoseconds: 3_600_000_000_000) }
    }

    @Test func aSleeperIsWoken() {
        let interrupter = Interrupter()
        let (asleep, awake) = (Gate(), Gate())
        Thread.detachNewThread {
            asleep.open()
            interrupter.sleep(nanoseconds: 3_600_000_000_000)
            awake.open()
        }
        #expect(asleep.wait())
        interrupter.interrupt()
        #expect(awake.wait())
    }

    @Test func aSleepOfNothingOrLessReturns() {
        let interrupter = Interrupter()
        interrupter.sleep(nanoseconds: 0)
        interrupter.sleep(nanoseconds: .min)
    }

    @Test func theSocketThatIsHeldIsShutDown() throws {
        let pair = try socketPair()
        defer { pair.forEach { close($0) } }
        let interrupter = Interrupter()
        #expect(interrupter.hold(pair[0]))
        interrupter.interrupt()
        #expect(reachesEnd(pair[0]))
        #expect(!interrupter.hold(pair[1]))
    }

    @Test func aSocketThatWasReleasedIsLeftAlone() throws {
        let pair = try socketPair()
        defer { pair.forEach { close($0) } }
        let interrupter = Interrupter()
        #expect(interrupter.hold(pair[0]))
        interrupter.release(pair[0])
        interrupter.interrupt()
        #expect(!reachesEnd(pair[0]))
    }

    private func socketPair() throws -> [CInt] {
        var pair: [CInt] = [-1, -1]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &pair) == 0)
        return pair
    }

    private func reachesEnd(_ socket: CInt) -> Bool {
        var byte: UInt8 = 0
        return recv(socket, &byte, 1, CInt(MSG_DONTWAIT)) == 0
    }
}
