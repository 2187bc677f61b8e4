import Glibc
import Testing

@testable import cupel

@Suite struct OutputLedgerTests {
    private static func ends(_ isSocket: Bool) -> (reading: CInt, writing: CInt) {
        var ends: [CInt] = [-1, -1]
        if isSocket {
            socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends)
        } else {
            _ = pipe(&ends)
        }
        return (ends[0], ends[1])
    }

    private static func read(_ descriptor: CInt, _ count: Int) -> Int {
        var bytes = [UInt8](repeating: 0, count: count)
        return Glibc.read(descriptor, &bytes, count)
    }

    private static func write(_ count: Int, _ place: Int64, to descriptor: CInt, _ ledger: inout OutputLedger) {
        let bytes = [UInt8](repeating: 0, count: count)
        #expect(Glibc.write(descriptor, bytes, count) == count)
        ledger.wrote(count)
        ledger.reached(StreamPlace(sequence: place))
    }

    @Test func aPipeIsReadWhenItsReaderHasReadIt() {
        let (reading, writing) = Self.ends(false)
        defer { close(writing) }
        var ledger = OutputLedger(writing, taken: nil)
        for place: Int64 in 1...3 { Self.write(100, place, to: writing, &ledger) }
        // Left out by a filter: a place without bytes.
        ledger.reached(StreamPlace(sequence: 4))
        ledger.look()
        #expect(ledger.taken == nil)
        #expect(Self.read(reading, 199) == 199)
        ledger.look()
        #expect(ledger.taken?.sequence == 1)
        #expect(Self.read(reading, 1) == 1)
        ledger.look()
        #expect(ledger.taken?.sequence == 2)
        #expect(ledger.isWaiting)
        // Its reader ends: what it has not read it never will.
        close(reading)
        ledger.look()
        #expect(ledger.taken?.sequence == 2)
    }

    @Test func allOfItIsAllOfIt() {
        for isSocket in [false, true] {
            let (reading, writing) = Self.ends(isSocket)
            defer { for end in [reading, writing] { close(end) } }
            var ledger = OutputLedger(writing, taken: nil)
            for place: Int64 in 1...3 { Self.write(100, place, to: writing, &ledger) }
            ledger.reached(StreamPlace(sequence: 4))
            ledger.look()
            #expect(ledger.taken == nil)
            #expect(Self.read(reading, 1000) == 300)
            ledger.look()
            #expect(ledger.taken?.sequence == 4)
            #expect(!ledger.isWaiting)
        }
    }

    /// The kernel throws away what waits in it, and so it looks empty.
    @Test func aSocketWhoseReaderEndedSaysNothing() {
        let (reading, writing) = Self.ends(true)
        defer { close(writing) }
        var ledger = OutputLedger(writing, taken: StreamPlace(sequence: 0))
        Self.write(100, 1, to: writing, &ledger)
        close(reading)
        ledger.look()
        #expect(ledger.taken?.sequence == 0)
    }

    @Test func aFileTakesAtOnce() {
        let file = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer { close(file) }
        var ledger = OutputLedger(file, taken: nil)
        Self.write(100, 1, to: file, &ledger)
        ledger.look()
        #expect(ledger.taken?.sequence == 1)
    }

    @Test func numbersThatBeginAgainForgetTheOld() {
        let (reading, writing) = Self.ends(false)
        defer { for end in [reading, writing] { close(end) } }
        var ledger = OutputLedger(writing, taken: StreamPlace(sequence: 1))
        Self.write(100, 900, to: writing, &ledger)
        ledger.restart()
        Self.write(100, 3, to: writing, &ledger)
        ledger.look()
        #expect(ledger.taken == nil)
        #expect(Self.read(reading, 200) == 200)
        ledger.look()
        #expect(ledger.taken?.sequence == 3)
    }
}
