import Foundation
import Plant
import Simulation
import Synchronization
import Testing

/// Time that moves when the test says so.
final class ManualClock: PlantClock {
    private let now = Atomic<Int64>(1_000_000_000)
    func monotonic() -> Int64 { now.load(ordering: .acquiring) }
    func wall() -> Int64 { monotonic() }
    func advance(seconds: Double) { now.wrappingAdd(Int64(seconds * 1e9), ordering: .acquiringAndReleasing) }
}

/// What the simulator told, from whatever thread.
final class NoticeLog: Sendable {
    private let notices = Mutex<[SimulationNotice]>([])
    var all: [SimulationNotice] { notices.withLock { $0 } }
    func add(_ notice: SimulationNotice) { notices.withLock { $0.append(notice) } }
}

@Suite struct SimulatorTests {
    private let clock = ManualClock()

    private func simulator(
        _ plant: Plant = SamplePlant.plant, script: String = "", speed: Double = 1, seed: UInt64 = 1,
        log: @escaping @Sendable (SimulationNotice) -> Void = { _ in }
    ) throws -> Simulator {
        let options = SimulationOptions(
            seed: seed, speed: speed, script: try FaultScript(parsing: script),
            endpoint: { Endpoint(host: $0.host, port: 0) })
        return Simulator(plant: plant, options: options, clock: clock, log: log)
    }

    private func client(_ simulator: Simulator, _ name: String, unit: CInt = 1) throws -> ModbusClient {
        try ModbusClient(try #require(simulator.endpoint(of: name)), unit: unit)
    }

    @Test func aClientReadsWhatTheControllerShows() throws {
        let simulator = try simulator()
        try simulator.start()
        defer { simulator.stop() }
        clock.advance(seconds: 30)
        let furnace = try client(simulator, "F-01")
        #expect(try furnace.float(10) == simulator.value(controller: "F-01", tag: "melt_temp"))
        #expect(try furnace.read(0, 2) == [300, 1])
        #expect(try furnace.read(4, 1) == [70])
        let cell = try client(simulator, "EC-01")
        #expect(abs(try cell.float(18) - 6.3) < 0.2)
        let instrument = try client(simulator, "TC-07")
        let pv = try #require(simulator.value(controller: "TC-07", tag: "pv"))
        #expect(abs(Double(try instrument.read(1, 1)[0]) * 0.1 - pv) < 1e-6)
    }

    @Test func timePassesAtItsSpeed() throws {
        let simulator = try simulator(speed: 60)
        try simulator.start()
        defer { simulator.stop() }
        let furnace = try client(simulator, "F-01")
        #expect(try furnace.read(0, 1) == [0])
        clock.advance(seconds: 1)
        #expect(try furnace.read(0, 1) == [600])
        #expect(simulator.time == .seconds(60))
    }

    @Test func severalClientsAreServedAtOnce() throws {
        let simulator = try simulator()
        try simulator.start()
        defer { simulator.stop() }
        let clients = try (0..<20).map { _ in try client(simulator, "F-01") }
        for _ in 0..<3 {
            for client in clients { #expect(try client.read(1, 1) == [1]) }
        }
    }

    @Test func whatIsNotThereIsAnException() throws {
        let simulator = try simulator()
        try simulator.start()
        defer { simulator.stop() }
        let furnace = try client(simulator, "F-01")
        #expect(throws: ModbusClient.Failure(code: ModbusErrno.illegalAddress)) { try furnace.read(60, 10) }
        #expect(throws: ModbusClient.Failure(code: ModbusErrno.illegalAddress)) {
            try furnace.read(0, 1, table: .input)
        }
        // A block larger than the instrument answers, and the connection goes on.
        let instrument = try client(simulator, "TC-07")
        #expect(throws: ModbusClient.Failure(code: ModbusErrno.illegalValue)) { try instrument.read(1, 33) }
        #expect(try instrument.read(1, 32).count == 32)
    }

    @Test func writesAreRefusedAndTold() throws {
        let log = NoticeLog()
        let simulator = try simulator(log: log.add)
        try simulator.start()
        defer { simulator.stop() }
        let furnace = try client(simulator, "F-01")
        for _ in 0..<2 {
            #expect(throws: ModbusClient.Failure(code: ModbusErrno.illegalFunction)) { try furnace.write(1, 9) }
        }
        #expect(try furnace.read(1, 1) == [1])
        #expect(log.all == [.writeRefused(controller: "F-01", function: 6)])
    }

    @Test func unitsShareAnEndpointAndNobodyAnswersForAnother() throws {
        var builder = SamplePlant.Builder()
        for unit in [3, 4] as [UInt8] {
            builder.add("G-\(unit)", port: 1, unit: unit) {
                $0.tag("number", 7, .uint16, table: .input, expect: Double(unit) * 11)
                $0.tag("flag", 20, .bool, table: .coil)
            }
        }
        let simulator = try simulator(builder.plant)
        try simulator.start()
        defer { simulator.stop() }
        #expect(simulator.endpoint(of: "G-3") == simulator.endpoint(of: "G-4"))
        let client = try client(simulator, "G-3", unit: 3)
        #expect(try client.read(7, 1, table: .input) == [33])
        #expect(try client.read(20, 1, table: .coil) == [0])
        client.setUnit(4)
        #expect(try client.read(7, 1, table: .input) == [44])
        client.setUnit(5)
        client.setTimeout(milliseconds: 100)
        #expect(throws: ModbusClient.Failure(code: ETIMEDOUT)) { try client.read(7, 1, table: .input) }
    }

    @Test func aSilentControllerTakesTheRequestAndSaysNothing() throws {
        let simulator = try simulator(script: "at 10s F-01 controller-silent for 10s")
        try simulator.start()
        defer { simulator.stop() }
        let furnace = try client(simulator, "F-01")
        #expect(try furnace.read(1, 1) == [1])
        clock.advance(seconds: 15)
        furnace.setTimeout(milliseconds: 100)
        #expect(throws: ModbusClient.Failure(code: ETIMEDOUT)) { try furnace.read(1, 1) }
        clock.advance(seconds: 10)
        furnace.setTimeout(milliseconds: 5000)
        #expect(try furnace.read(1, 1) == [1])
    }

    @Test func aDeadControllerRefusesUntilItIsBackOnItsOldPort() throws {
        let simulator = try simulator(script: "at 10s F-01 controller-dead for 10s")
        try simulator.start()
        defer { simulator.stop() }
        let endpoint = try #require(simulator.endpoint(of: "F-01"))
        let before = try client(simulator, "F-01")
        #expect(try before.read(1, 1) == [1])
        clock.advance(seconds: 15)
        // A read ends with the connection: the server closes it as soon as it looks at the clock.
        #expect(throws: ModbusClient.Failure.self) {
            while true { _ = try before.read(1, 1) }
        }
        // The door is shut before the connections are.
        #expect(throws: ModbusClient.Failure(code: ECONNREFUSED)) { try ModbusClient(endpoint) }
        clock.advance(seconds: 10)
        repeatUntil { (try? ModbusClient(endpoint).read(1, 1)) == [1] }
        #expect(simulator.endpoint(of: "F-01") == endpoint)
    }

    /// A refused connection takes some 30 µs, and the server looks at its clock ten times a second: a million are ample.
    private func repeatUntil(_ condition: () -> Bool) {
        for _ in 0..<1_000_000 {
            if condition() { return }
            sched_yield()
        }
        Issue.record("never happened")
    }

    @Test func faultsAreToldWhenTheyBeginAndEnd() throws {
        let log = NoticeLog()
        let script = "at 2s F-01 water-loss for 3s\nat 4s EC-01 feed-stop"
        let simulator = try simulator(script: script, log: log.add)
        try simulator.start()
        clock.advance(seconds: 10)
        for name in SamplePlant.names { _ = simulator.value(controller: name, tag: "x") }
        simulator.stop()
        let faults = try FaultScript(parsing: script).faults
        #expect(
            Set(log.all)
                == [.faultStarted(faults[0]), .faultEnded(faults[0], at: .seconds(5)), .faultStarted(faults[1])])
    }

    @Test func aTakenAddressIsNamedAndNothingElseStaysBound() throws {
        let first = try simulator()
        try first.start()
        defer { first.stop() }
        let taken = try #require(first.endpoint(of: "EC-01"))
        let options = SimulationOptions(
            endpoint: { $0.port == 15_022 ? taken : Endpoint(host: $0.host, port: 0) })
        let second = Simulator(plant: SamplePlant.plant, options: options, clock: clock)
        #expect(throws: SimulationError.addressTaken(taken, controllers: ["EC-01"])) { try second.start() }
        #expect(second.endpoint(of: "F-01") == nil)
        #expect(second.value(controller: "F-01", tag: "melt_temp") == nil)
    }

    @Test func whatCannotStartSaysWhy() throws {
        let plant = SamplePlant.plant
        func error(_ options: SimulationOptions) -> SimulationError? {
            #expect(throws: SimulationError.self) { try Simulator(plant: plant, options: options).start() }
        }
        #expect(error(.init(speed: 0))?.description == "speed: expected 0.01 to 600, found 0")
        #expect(error(.init(stepSeconds: 5))?.description == "step: expected 0.01 to 1, found 5")
        #expect(
            error(.init(script: try FaultScript(parsing: "at 1s F-99 water-loss")))?.description
                == "the fault script names F-99; expected one of F-01, EC-01, TC-07")
        #expect(
            error(.init(endpoint: { _ in Endpoint(host: "furnace", port: 0) }))?.description
                == "furnace:0 (F-01): expected an IP address, found 'furnace'")
        // 192.0.2.1 is kept for documentation (RFC 5737): never an address of this machine.
        #expect(
            error(.init(endpoint: { _ in Endpoint(host: "192.0.2.1", port: 0) }))
                == .cannotListen(Endpoint(host: "192.0.2.1", port: 0), controllers: ["F-01"], code: EADDRNOTAVAIL))
    }

    @Test func twoControllersCannotBeTheSameUnit() throws {
        var builder = SamplePlant.Builder()
        for name in ["A", "B"] { builder.add(name, port: 1, unit: 9) { $0.tag("x", 0, .uint16) } }
        let simulator = try simulator(builder.plant)
        let endpoint = Endpoint(host: "127.0.0.1", port: 1)
        #expect(throws: SimulationError.sameUnit(endpoint, unit: 9, controllers: ["A", "B"])) {
            try simulator.start()
        }
    }

    @Test func startsOnceAndStopsTwice() throws {
        let simulator = try simulator()
        try simulator.start()
        #expect(throws: SimulationError.alreadyStarted) { try simulator.start() }
        simulator.stop()
        simulator.stop()
        #expect(simulator.endpoint(of: "F-01") == nil)
    }

    /// A machine without IPv6 has no such file.
    static var hasIPv6: Bool { FileManager.default.fileExists(atPath: "/proc/net/if_inet6") }

    @Test(.enabled(if: hasIPv6, "no IPv6 here")) func servesIPv6() throws {
        var builder = SamplePlant.Builder()
        builder.add("V6", host: "::1", port: 1, unit: 1) { $0.tag("x", 0, .uint16, expect: 6) }
        let simulator = try simulator(builder.plant)
        try simulator.start()
        defer { simulator.stop() }
        #expect(try client(simulator, "V6").read(0, 1) == [6])
    }

    @Test(
        arguments: [
            // Length field 7 for a request that has 6 bytes behind it; half a request; not Modbus at all.
            [0, 1, 0, 0, 0, 7, 1, 3, 0, 0, 0, 1], [0, 1, 0, 0, 0, 6, 1], Array("GET / HTTP/1.1\r\n\r\n".utf8),
        ] as [[UInt8]])
    func aClientWithoutFramingLosesItsConnectionAndNobodyElseDoes(bytes: [UInt8]) throws {
        let simulator = try simulator()
        try simulator.start()
        defer { simulator.stop() }
        let good = try client(simulator, "F-01")
        let bad = try RawConnection(try #require(simulator.endpoint(of: "F-01")))
        #expect(bad.send(bytes))
        #expect(bad.receive() == [])
        #expect(try good.read(1, 1) == [1])
    }
}
