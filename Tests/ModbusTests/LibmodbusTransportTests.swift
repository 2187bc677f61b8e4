import Foundation
import Glibc
import Plant
import Synchronization
import TestSupport
import Testing

@testable import Modbus

@Suite struct LibmodbusTransportTests {
    // MARK: What works

    @Test(arguments: [RegisterTable.coil, .discrete, .holding, .input])
    func everyTableIsRead(table: RegisterTable) throws {
        let server = try ScriptedServer(memory: { _, function, address in
            function < 3 ? UInt16(address % 3 == 0 ? 1 : 0) : UInt16(address) * 257
        })
        defer { server.stop() }
        let client = Client()
        try client.connect(server.endpoint)
        let bytes = try client.read(table, 3, 10)
        if table.isBits {
            // Addresses 3...12: set are 3, 6, 9, 12.
            #expect(bytes == [0b0100_1001, 0b10])
        } else {
            #expect(bytes == (3..<13).flatMap { [UInt8($0), UInt8($0)] })
        }
    }

    @Test func theLargestBlocksAreRead() throws {
        let server = try ScriptedServer()
        defer { server.stop() }
        let client = Client()
        try client.connect(server.endpoint)
        #expect(try client.read(.holding, 65_411, 125).count == 250)
        #expect(try client.read(.coil, 0, 2000).count == 250)
    }

    /// `modbus_set_slave` of libmodbus 3.1.6 refuses 248...254.
    @Test(arguments: [UInt8(0), 1, 247, 248, 251, 254, 255])
    func everyUnitCanBeAsked(unit: UInt8) throws {
        let server = try ScriptedServer(memory: { unit, _, _ in UInt16(unit) })
        defer { server.stop() }
        let client = Client()
        try client.connect(server.endpoint)
        #expect(try client.read(.holding, 0, 1, unit: unit) == [0, unit])
        #expect(server.requests.map(\.unit) == [unit])
    }

    @Test func everyRequestHasATransactionOfItsOwn() throws {
        let server = try ScriptedServer()
        defer { server.stop() }
        let client = Client()
        try client.connect(server.endpoint)
        for _ in 0..<3 { _ = try client.read(.holding, 0, 1) }
        try client.connect(server.endpoint)
        for _ in 0..<3 { _ = try client.read(.holding, 0, 1) }
        #expect(Set(server.requests.map { Array($0.bytes[0..<2]) }).count == 6)
    }

    @Test func anExceptionKeepsTheConnection() throws {
        let server = try ScriptedServer(script: { $0.number == 0 ? .exception(2) : .proper })
        defer { server.stop() }
        let client = Client()
        try client.connect(server.endpoint)
        #expect(client.failure() == .exception(2))
        #expect(client.isConnected)
        #expect(client.failure() == nil)
        #expect(server.connections == 1)
    }

    /// The setter of libmodbus 3.1.6 refuses a million microseconds and more, and nothing at all.
    @Test(arguments: [Duration.seconds(1), .milliseconds(1500), .seconds(30), .nanoseconds(1), .zero])
    func everyTimeoutCanBeSet(timeout: Duration) throws {
        let server = try ScriptedServer()
        defer { server.stop() }
        let client = Client()
        try client.connect(server.endpoint)
        let error = client.failure(timeout: timeout)
        #expect(error == nil || (timeout < .milliseconds(1) && error == .timeout))
    }

    // MARK: What does not

    struct Misdeed: Sendable, CustomTestStringConvertible {
        let name: String
        let answer: ScriptedServer.Answer
        let error: ModbusError
        var testDescription: String { name }

        init(_ name: String, _ answer: ScriptedServer.Answer, _ error: ModbusError) {
            (self.name, self.answer, self.error) = (name, answer, error)
        }

        static func change(_ place: Int, _ byte: UInt8) -> ScriptedServer.Answer {
            .changed { reply in
                var reply = reply
                reply[place] = byte
                return reply
            }
        }
    }

    /// Each answers a request for four holding registers of unit 1.
    static let misdeeds: [Misdeed] = [
        Misdeed("garbage", .bytes(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)), .badReply(.protocolID)),
        Misdeed("zeros", .bytes(Array(repeating: 0, count: 64)), .badReply(.transaction)),
        Misdeed("ones", .bytes(Array(repeating: 0xFF, count: 64)), .badReply(.protocolID)),
        Misdeed("silence", .silence, .timeout),
        Misdeed("a byte every 40 ms", .drip(milliseconds: 40), .timeout),
        Misdeed("a few bytes, then silence", .bytes([0, 1, 0]), .timeout),
        Misdeed("the connection is closed", .close, .disconnected(ECONNRESET)),
        Misdeed("half a reply, then closed", .cut(after: 10), .disconnected(ECONNRESET)),
        Misdeed("the connection is reset", .reset, .disconnected(ECONNRESET)),
        Misdeed("another unit", Misdeed.change(6, 2), .badReply(.unit)),
        Misdeed("another transaction", .changed { [$0[0] ^ 1] + $0[1...] }, .badReply(.transaction)),
        Misdeed("another function", Misdeed.change(7, 4), .badReply(.function)),
        Misdeed("a writing function", Misdeed.change(7, 6), .badReply(.function)),
        Misdeed("protocol 0x0100", Misdeed.change(2, 1), .badReply(.protocolID)),
        Misdeed("short, lengths agree", .changed { $0[0..<4] + [0, 9, 1, 3, 6] + $0[9..<15] }, .badReply(.byteCount)),
        Misdeed(
            "long, lengths agree", .changed { $0[0..<4] + [0, 13, 1, 3, 10] + $0[9...] + [9, 9] }, .badReply(.byteCount)
        ),
        Misdeed(
            "trailing bytes inside the frame", .changed { $0[0..<5] + [13] + $0[6...] + [9, 9] }, .badReply(.length)),
        Misdeed("byte count too small", Misdeed.change(8, 6), .badReply(.length)),
        Misdeed("byte count beyond the largest frame", Misdeed.change(8, 255), .badReply(.byteCount)),
        Misdeed("byte count beyond what comes", Misdeed.change(8, 20), .timeout),
        Misdeed("header longer than the reply", Misdeed.change(5, 200), .badReply(.length)),
        Misdeed("exception 0", .exception(0), .badReply(.exceptionForm)),
        Misdeed("exception with more behind", .changed { $0[0..<4] + [0, 5, 1, 0x83, 2, 0, 0] }, .badReply(.length)),
    ]

    @Test(arguments: misdeeds)
    func aMisdeedIsNamedAndEndsTheConnection(_ misdeed: Misdeed) throws {
        let server = try ScriptedServer(script: { $0.number == 0 ? misdeed.answer : .proper })
        defer { server.stop() }
        let client = Client()
        try client.connect(server.endpoint)
        #expect(client.failure(count: 4, timeout: .milliseconds(150)) == misdeed.error)
        #expect(!client.isConnected)
        // A closed context aborts the process in libmodbus 3.1.6; here it is an error.
        #expect(client.failure(count: 4) == .disconnected(ENOTCONN))
        try client.connect(server.endpoint)
        #expect(try client.read(.holding, 7, 4) == [0, 7, 0, 8, 0, 9, 0, 10])
    }

    @Test func bytesBehindAReplyAreFoundBeforeAnythingElseIsAsked() throws {
        let server = try ScriptedServer(script: { $0.number == 0 ? .changed { $0 + $0 } : .proper })
        defer { server.stop() }
        let client = Client()
        try client.connect(server.endpoint)
        #expect(client.failure() == nil)
        #expect(client.failure() == .badReply(.stray))
        #expect(server.requests.count == 1)
    }

    /// A gateway that sends a reply twice, the second time after the next request: with the same transaction for
    /// every request, the registers of one block would be taken for those of another.
    @Test func aReplyThatComesTwiceIsNotTakenForTheNext() throws {
        let first = Mutex<[UInt8]>([])
        let server = try ScriptedServer(script: { request in
            .changed { reply in
                guard request.number > 0 else {
                    first.withLock { $0 = reply }
                    return reply
                }
                return first.withLock { $0 } + reply
            }
        })
        defer { server.stop() }
        let client = Client()
        try client.connect(server.endpoint)
        #expect(try client.read(.holding, 100, 2) == [0, 100, 0, 101])
        #expect(throws: ModbusError.badReply(.transaction)) { try client.read(.holding, 200, 2) }
    }

    @Test func aReplyThatComesLateHasNoConnectionLeft() throws {
        let late = Gate()
        let server = try ScriptedServer(script: { $0.number == 0 ? .held(late) : .proper })
        defer { server.stop() }
        let client = Client()
        try client.connect(server.endpoint)
        #expect(throws: ModbusError.timeout) {
            try client.read(.holding, 100, 2, timeout: .milliseconds(50))
        }
        late.open()
        try client.connect(server.endpoint)
        #expect(try client.read(.holding, 200, 2) == [0, 200, 0, 201])
    }

    @Test func aPeerThatHangsUpBetweenTwoRequestsIsNoticedBeforeAsking() throws {
        let server = try ScriptedServer()
        let client = Client()
        try client.connect(server.endpoint)
        #expect(client.failure() == nil)
        server.stop()
        // Either the end of the stream is there already, or it comes instead of a reply.
        let error = client.failure()
        #expect(error == .disconnected(0) || error == .disconnected(ECONNRESET))
    }

    @Test func aStopEndsTheWaitForAReply() throws {
        let server = try ScriptedServer(script: { _ in .silence })
        defer { server.stop() }
        let interrupter = Interrupter()
        let client = Client(interrupter)
        try client.connect(server.endpoint)
        let asked = server.hasReceived(1)
        Thread.detachNewThread {
            _ = asked.wait()
            interrupter.interrupt()
        }
        // An hour: only the interruption can end it.
        #expect(client.failure(timeout: .seconds(3600)) == .stopped)
        #expect(throws: ModbusError.stopped) { try client.connect(server.endpoint) }
    }

    @Test func onlyReadsEverLeave() throws {
        let server = try ScriptedServer(script: { request in
            Self.misdeeds[request.number % Self.misdeeds.count].answer
        })
        defer { server.stop() }
        let client = Client()
        for number in 0..<(Self.misdeeds.count * 4) {
            if !client.isConnected { try client.connect(server.endpoint) }
            let table = RegisterTable.allCases[number % 4]
            _ = try? client.read(table, number * 17, 64 + number % 50, timeout: .milliseconds(20))
        }
        #expect(server.requests.count >= Self.misdeeds.count)
        for request in server.requests {
            #expect((1...4).contains(request.function))
            #expect(request.bytes.count == 12 && Array(request.bytes[2..<6]) == [0, 0, 0, 6])
        }
    }
}

/// A transport in a box, which `#expect` can look into.
private final class Client {
    private var transport: LibmodbusTransport

    init(_ interrupter: Interrupter = Interrupter()) { transport = LibmodbusTransport(interrupter: interrupter) }

    var isConnected: Bool { transport.isConnected }

    func connect(_ endpoint: Endpoint) throws(ModbusError) {
        try transport.connect(to: endpoint, timeout: .seconds(10))
    }

    func read(
        _ table: RegisterTable, _ start: Int, _ count: Int, unit: UInt8 = 1, timeout: Duration = .seconds(10)
    ) throws -> [UInt8] {
        let range = try #require(RegisterRange(table: table, start: start, count: count))
        let request = try #require(ReadRequest(unit: unit, range: range))
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 250)
        defer { buffer.deallocate() }
        let bytes = try transport.read(request, timeout: timeout, into: buffer)
        return Array(buffer[..<bytes])
    }

    /// The error of a read of holding registers from 7 on; `nil` when it gave values.
    func failure(count: Int = 1, timeout: Duration = .seconds(10)) -> ModbusError? {
        do {
            _ = try read(.holding, 7, count, timeout: timeout)
            return nil
        } catch {
            return error as? ModbusError
        }
    }
}
