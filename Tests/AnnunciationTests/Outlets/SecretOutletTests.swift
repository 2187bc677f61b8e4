import Synchronization
import Testing

@testable import Annunciation

/// A place that takes lines from whoever knows its secret.
private final class Gate: Sendable {
    struct Missing: Error, CustomStringConvertible { let description = "key: nothing there" }

    private struct State {
        var file: [UInt8]?
        var wanted: [UInt8]
        var reads = 0
        var log: [String] = []
    }

    private let state: Mutex<State>

    init(file: String?, wanted: String) {
        state = Mutex(State(file: file.map { Array($0.utf8) }, wanted: Array(wanted.utf8)))
    }

    var log: [String] { state.withLock { $0.log } }
    var reads: Int { state.withLock { $0.reads } }
    func write(_ file: String?) { state.withLock { $0.file = file.map { Array($0.utf8) } } }
    func demand(_ secret: String) { state.withLock { $0.wanted = Array(secret.utf8) } }
    fileprivate func note(_ word: String) { state.withLock { $0.log.append(word) } }
    fileprivate func takes(_ secret: [UInt8]?) -> Bool { state.withLock { $0.wanted == secret } }

    func outlet() -> SecretOutlet {
        SecretOutlet(acknowledges: true, batchLimit: 1) {
            try self.state.withLock { state in
                state.reads += 1
                guard let file = state.file else { throw Missing() }
                return file
            }
        } make: {
            Door(self, $0)
        }
    }
}

private final class Door: Outlet {
    let acknowledges = true
    private let gate: Gate
    private let secret: [UInt8]?
    private var name: String { String(decoding: secret ?? [], as: UTF8.self) }

    init(_ gate: Gate, _ secret: [UInt8]?) {
        (self.gate, self.secret) = (gate, secret)
        gate.note("open \(name)")
    }

    func send(_ lines: [AlarmLine]) -> Delivery {
        gate.takes(secret) ? .all(of: lines) : .unavailable("not authorized")
    }
    func interrupt() { gate.note("interrupt \(name)") }
    func close() { gate.note("close \(name)") }
}

@Suite struct SecretOutletTests {
    @Test func aFileThatComesLaterIsWaitedFor() {
        let gate = Gate(file: nil, wanted: "right")
        let outlet = gate.outlet()
        #expect(outlet.send([.place(1)]) == .unavailable("key: nothing there"))
        gate.write("right")
        #expect(outlet.send([.place(1)]).isTaken && outlet.send([.place(2)]).isTaken)
        #expect(gate.reads == 2 && gate.log == ["open right"])
    }

    @Test func aSecretThatWasCorrectedIsUsedAtTheNextTry() {
        let gate = Gate(file: "wrong", wanted: "right")
        let outlet = gate.outlet()
        for _ in 0..<2 { #expect(outlet.send([.place(1)]) == .unavailable("not authorized")) }
        gate.write("right")
        #expect(outlet.send([.place(1)]).isTaken)
        #expect(gate.log == ["open wrong", "close wrong", "open right"])
        outlet.close()
        #expect(gate.log.last == "close right")
    }

    /// Its connection is worth keeping, and a file that is being replaced is missing for a moment.
    @Test func aSecretThatIsStillTheSameOrGoneChangesNothing() {
        let gate = Gate(file: "right", wanted: "other")
        let outlet = gate.outlet()
        #expect(!outlet.send([.place(1)]).isTaken && !outlet.send([.place(1)]).isTaken)
        gate.write(nil)
        gate.demand("right")
        #expect(outlet.send([.place(1)]).isTaken)
        #expect(gate.log == ["open right"])
    }

    @Test func whatWorksIsNotReadAgain() {
        let gate = Gate(file: "right", wanted: "right")
        let outlet = gate.outlet()
        for number in Int64(1)...3 { #expect(outlet.send([.place(number)]).isTaken) }
        #expect(gate.reads == 1)
        gate.demand("other")
        #expect(!outlet.send([.place(4)]).isTaken)
        gate.demand("right")
        for number in Int64(4)...6 { #expect(outlet.send([.place(number)]).isTaken) }
        #expect(gate.reads == 2)
    }

    @Test func aStopIsPassedOnToWhatIsMadeAfterIt() {
        let gate = Gate(file: "wrong", wanted: "right")
        let outlet = gate.outlet()
        #expect(!outlet.send([.place(1)]).isTaken)
        outlet.interrupt()
        gate.write("right")
        _ = outlet.send([.place(1)])
        #expect(gate.log == ["open wrong", "interrupt wrong", "close wrong", "open right", "interrupt right"])
    }
}
