import Modbus
import Plant
import Ring
import TestSupport
import Testing

@testable import Acquisition

/// Lines on real sockets and libmodbus, against a server that misbehaves: what the issue of bad input comes down to.
@Suite struct LineTests {
    /// A line at work, and what came out of it.
    private final class Running {
        let line: Line
        let reader: BlockReader

        init(_ plant: Plant, line index: Int = 0, ringCells: Int = 1 << 16) throws {
            let ring = Ring<Cell>(capacity: ringCells)
            reader = BlockReader(ring.consumer)
            line = Line(
                plan: ScanPlan(plant: plant).lines[index], plant: plant, firstSequence: [:], producer: ring.producer,
                doorbell: Doorbell(), seed: 7, log: { _ in })
            try line.start()
        }

        deinit {
            line.stop()
            line.join()
        }
    }

    /// Registers 0..<4 hold 4 097 and up: no byte of them looks like a header.
    private static let held: ScriptedServer.Memory = { _, _, address in 0x1001 + UInt16(address) }

    private static func plant(_ endpoints: [Endpoint], timeout: Duration, period: Duration = .milliseconds(50)) -> Plant
    {
        SamplePlant.plant(
            endpoints.enumerated().map {
                .init(name: "C\($0)", endpoint: $1, timeout: timeout, rows: SamplePlant.words(0..<4))
            }, periods: ["normal": period])
    }

    struct Misdeed: Sendable, CustomTestStringConvertible {
        let name: String
        let answer: ScriptedServer.Answer
        let quality: Quality
        let counter: String
        var testDescription: String { name }

        init(_ name: String, _ answer: ScriptedServer.Answer, _ quality: Quality, _ counter: String) {
            (self.name, self.answer, self.quality, self.counter) = (name, answer, quality, counter)
        }

        static func change(_ place: Int, _ byte: UInt8) -> ScriptedServer.Answer {
            .changed { reply in
                var reply = reply
                reply[place] = byte
                return reply
            }
        }
    }

    static let misdeeds: [Misdeed] = [
        Misdeed("garbage", .bytes(Array("SSH-2.0-OpenSSH_9.2\r\n".utf8)), .badReply, "bad-reply-protocol-id"),
        Misdeed("short", .changed { $0[0..<4] + [0, 9, 1, 3, 6] + $0[9..<15] }, .badReply, "bad-reply-byte-count"),
        Misdeed("long", .changed { $0[0..<5] + [13] + $0[6...] + [1, 2] }, .badReply, "bad-reply-length"),
        Misdeed("another unit", Misdeed.change(6, 9), .badReply, "bad-reply-unit"),
        Misdeed("another transaction", .changed { [$0[0] ^ 8] + $0[1...] }, .badReply, "bad-reply-transaction"),
        Misdeed("another function", Misdeed.change(7, 4), .badReply, "bad-reply-function"),
        Misdeed("more behind the reply", .changed { $0 + $0 }, .badReply, "bad-reply-stray"),
        Misdeed("silence", .silence, .timeout, "timeout"),
        Misdeed("one byte at a time", .drip(milliseconds: 60), .timeout, "timeout"),
        Misdeed("hangs up", .close, .disconnected, "disconnected"),
        Misdeed("half a reply, then hangs up", .cut(after: 11), .disconnected, "disconnected"),
        Misdeed("resets", .reset, .disconnected, "disconnected"),
    ]

    @Test(arguments: misdeeds)
    func aMisdeedIsNamedOnTheTagsAndCountedAndCured(_ misdeed: Misdeed) async throws {
        let server = try ScriptedServer(
            memory: Self.held, script: { (2...4).contains($0.number) ? misdeed.answer : .proper })
        defer { server.stop() }
        // A busy machine may be late with a reply that is only wrong.
        let timeout: Duration = misdeed.quality == .timeout ? .milliseconds(200) : .seconds(5)
        let running = try Running(Self.plant([server.endpoint], timeout: timeout))
        let loss = try await running.reader.first { $0.header.loss.isBad }
        #expect(loss.header.loss == misdeed.quality)
        server.follow { _ in .proper }
        let lost = running.reader.blocks().count
        _ = try await running.reader.first(from: lost) { $0.header.loss.isGood }
        let status = running.line.status
        #expect((status.failures[misdeed.counter] ?? 0) >= 1, "\(status.failures)")
        #expect(status.failures.keys.allSatisfy { $0 == misdeed.counter })
        #expect(status.connects >= 2)
        expectNothingButTheTruth(running)
        #expect(server.requests.allSatisfy { $0.function == 3 })
    }

    @Test(arguments: [UInt8(1), 4, 5, 6, 8])
    func anExceptionIsNamedOnTheTagsAndKeepsTheConnection(code: UInt8) async throws {
        let server = try ScriptedServer(memory: Self.held, script: { $0.number == 1 ? .exception(code) : .proper })
        defer { server.stop() }
        let running = try Running(Self.plant([server.endpoint], timeout: .seconds(600)))
        let refused = try await running.reader.first { $0.readings.contains { $0.quality.isBad } }
        #expect(refused.header.loss.isGood && refused.header.sequence == 2)
        #expect(refused.readings.map(\.quality) == Array(repeating: .exception(code), count: 4))
        _ = try await running.reader.first { $0.header.sequence == 4 }
        #expect(running.line.status.failures == ["exception-\(code)": 1])
        #expect(running.line.status.connects == 1)
        expectNothingButTheTruth(running)
    }

    @Test(arguments: [UInt8(2), 3])
    func aBlockThatIsRefusedOnceIsReadInHalvesInTheSameScan(code: UInt8) async throws {
        let server = try ScriptedServer(memory: Self.held, script: { $0.number == 1 ? .exception(code) : .proper })
        defer { server.stop() }
        let running = try Running(Self.plant([server.endpoint], timeout: .seconds(600)))
        let fourth = try await running.reader.first { $0.header.sequence == 4 }
        #expect(fourth.readings.allSatisfy { $0.quality == .good })
        #expect(running.reader.blocks().allSatisfy { $0.readings.allSatisfy { $0.quality == .good } })
        #expect(server.requests.prefix(5).map(\.count) == [4, 4, 2, 2, 4], "once teaches nothing")
        #expect(running.line.status.failures == ["exception-\(code)": 1])
        #expect(running.line.status.connects == 1 && running.line.status.controllers[0].learned == nil)
        expectNothingButTheTruth(running)
    }

    @Test(arguments: [UInt8(10), 11])
    func aGatewaysWordThatNobodyIsThereLosesTheUnitAndKeepsTheConnection(code: UInt8) async throws {
        let server = try ScriptedServer(memory: Self.held, script: { $0.number == 1 ? .exception(code) : .proper })
        defer { server.stop() }
        let running = try Running(Self.plant([server.endpoint], timeout: .seconds(600)))
        let lost = try await running.reader.first { $0.header.loss.isBad }
        #expect(lost.header.loss == .exception(code) && lost.header.sequence == 2)
        _ = try await running.reader.first { $0.header.sequence == 4 }
        #expect(running.line.status.failures == ["exception-\(code)": 1])
        #expect(running.line.status.connects == 1)
        expectNothingButTheTruth(running)
    }

    @Test func aRefusedConnectionIsNamed() async throws {
        let nobody = try ClosedPort()
        let running = try Running(Self.plant([nobody.endpoint], timeout: .seconds(600)))
        let loss = try await running.reader.first { $0.header.loss.isBad }
        #expect(loss.header.loss == .refused)
        #expect(running.line.status.fault == "refused")
        #expect(!running.line.status.connected)
    }

    @Test func anEndpointThatDoesNotAnswerIsNamed() async throws {
        let deaf = try DeafEndpoint()
        let running = try Running(Self.plant([deaf.endpoint], timeout: .milliseconds(50)))
        let loss = try await running.reader.first { $0.header.loss.isBad }
        #expect(loss.header.loss == .unreachable)
    }

    @Test func aServerThatTakesEachConnectionAndDropsItIsNamedOnce() async throws {
        let server = try ScriptedServer(memory: Self.held)
        defer { server.stop() }
        server.closeAtOnce(first: 2)
        let running = try Running(Self.plant([server.endpoint], timeout: .seconds(600)))
        let loss = try await running.reader.first { $0.header.loss.isBad }
        #expect(loss.header.loss == .disconnected)
        _ = try await running.reader.first { $0.header.loss.isGood }
        #expect(server.connections == 3)
        let losses = running.reader.blocks().filter { $0.header.loss.isBad }
        #expect(losses.count == 1, "said once, although every connection was made")
    }

    @Test func aReplyThatComesLateNeverReachesATag() async throws {
        let late = Gate()
        let server = try ScriptedServer(memory: Self.held) { request in
            // What the registers held then is sent while the line already asks again.
            if request.number == 0 { return .held(late) { $0[..<9] + Array(repeating: 0x0B, count: 8) } }
            late.open()
            return .proper
        }
        defer { server.stop() }
        let running = try Running(Self.plant([server.endpoint], timeout: .milliseconds(100)))
        let loss = try await running.reader.first { $0.header.loss.isBad }
        #expect(loss.header.loss == .timeout)
        let lost = running.reader.blocks().count
        _ = try await running.reader.first(from: lost) { $0.header.sequence > 5 }
        expectNothingButTheTruth(running)
    }

    @Test func aControllerThatDoesNotAnswerDelaysNobodyElse() async throws {
        let gate = Gate()
        let stuck = try ScriptedServer(memory: Self.held, script: { _ in .held(gate) })
        let well = try ScriptedServer(memory: Self.held)
        defer { [stuck, well].forEach { $0.stop() } }
        let plant = Self.plant([stuck.endpoint, well.endpoint], timeout: .seconds(1200))
        let (first, second) = (try Running(plant, line: 0), try Running(plant, line: 1))
        #expect(stuck.hasReceived(1).wait())
        // Twenty scans while the other waits for its first reply.
        _ = try await second.reader.first { $0.header.sequence == 20 }
        #expect(first.reader.blocks().isEmpty)
        gate.open()
        _ = try await first.reader.first { $0.header.loss.isGood }
        #expect(second.line.status.failures.isEmpty)
    }

    @Test func aFullRingIsCountedAndStopsNothing() async throws {
        let server = try ScriptedServer(memory: Self.held)
        defer { server.stop() }
        // Room for two blocks of four readings, which nobody takes.
        let running = try Running(Self.plant([server.endpoint], timeout: .seconds(600)), ringCells: 16)
        #expect(server.hasReceived(10).wait())
        #expect(running.reader.blocks().prefix(2).map(\.header.sequence) == [1, 2])
        let after = try await running.reader.first(from: 2) { _ in true }
        #expect(after.header.sequence > 8, "the numbers show how many are missing")
        #expect(running.line.status.ring_refused_blocks >= 7)
    }

    // MARK: Stopping

    @Test(arguments: ["reply", "connection", "back-off", "sleep"])
    func aStopEndsWhateverTheLineWaitsFor(waiting: String) async throws {
        let silent = try ScriptedServer(memory: Self.held, script: { _ in waiting == "reply" ? .silence : .proper })
        defer { silent.stop() }
        let nobody = try ClosedPort()
        let deaf = try DeafEndpoint()
        let endpoint =
            waiting == "connection" ? deaf.endpoint : waiting == "back-off" ? nobody.endpoint : silent.endpoint
        // An hour each: only the stop can end the test.
        let running = try Running(Self.plant([endpoint], timeout: .seconds(3600), period: .seconds(3600)))
        switch waiting {
        case "reply": #expect(silent.hasReceived(1).wait())
        case "back-off": _ = try await running.reader.first { $0.header.loss == .refused }
        case "sleep": _ = try await running.reader.first { $0.header.loss.isGood }
        default: break
        }
        running.line.stop()
        running.line.join()
        #expect(running.reader.blocks().allSatisfy { $0.header.loss != .stale }, "a stop is no loss")
    }

    @Test func aLineThatNeverRanCanBeStopped() throws {
        let nobody = try ClosedPort()
        let plant = Self.plant([nobody.endpoint], timeout: .seconds(1))
        let ring = Ring<Cell>(capacity: 64)
        let line = Line(
            plan: ScanPlan(plant: plant).lines[0], plant: plant, firstSequence: [:], producer: ring.producer,
            doorbell: Doorbell(), seed: 1, log: { _ in })
        line.stop()
        line.join()
        try line.start()
        line.join()
    }

    // MARK: -

    /// Every number that came out is one that the controller held.
    private func expectNothingButTheTruth(_ running: Running) {
        let blocks = running.reader.blocks()
        #expect(blocks.contains { !$0.readings.isEmpty })
        for reading in blocks.flatMap(\.readings) {
            #expect(reading.bits == (reading.quality.isBad ? 0 : 0x1001 + UInt64(reading.slot)))
        }
    }
}
