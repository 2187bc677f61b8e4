import Foundation
import Glibc
import Plant
import Synchronization
import TestSupport
import Testing

@testable import Modbus

/// What every transport does alike. What only one does is in the suite of its own name.
@Suite struct TransportTests {
    // MARK: What works

    @Test(arguments: TransportKind.allCases, [RegisterTable.coil, .discrete, .holding, .input])
    func everyTableIsRead(kind: TransportKind, table: RegisterTable) throws {
        let server = try ScriptedServer(memory: { _, function, address in
            function < 3 ? UInt16(address % 3 == 0 ? 1 : 0) : UInt16(address) * 257
        })
        defer { server.stop() }
        let client = kind.client()
        try client.connect(server.endpoint)
        let bytes = try client.read(table, 3, 10)
        if table.isBits {
            // Addresses 3...12: set are 3, 6, 9, 12.
            #expect(bytes == [0b0100_1001, 0b10])
        } else {
            #expect(bytes == (3..<13).flatMap { [UInt8($0), UInt8($0)] })
        }
    }

    @Test(arguments: TransportKind.allCases)
    func theLargestBlocksAreRead(kind: TransportKind) throws {
        let server = try ScriptedServer()
        defer { server.stop() }
        let client = kind.client()
        try client.connect(server.endpoint)
        #expect(try client.read(.holding, 65_411, 125).count == 250)
        #expect(try client.read(.coil, 0, 2000).count == 250)
    }

    /// `modbus_set_slave` of libmodbus 3.1.6 refuses 248...254.
    @Test(arguments: TransportKind.allCases, [UInt8(0), 1, 247, 248, 251, 254, 255])
    func everyUnitCanBeAsked(kind: TransportKind, unit: UInt8) throws {
        let server = try ScriptedServer(memory: { unit, _, _ in UInt16(unit) })
        defer { server.stop() }
        let client = kind.client()
        try client.connect(server.endpoint)
        #expect(try client.read(.holding, 0, 1, unit: unit) == [0, unit])
        #expect(server.requests.map(\.unit) == [unit])
    }

    @Test(arguments: TransportKind.allCases)
    func everyRequestHasATransactionOfItsOwn(kind: TransportKind) throws {
        let server = try ScriptedServer()
        defer { server.stop() }
        let client = kind.client()
        try client.connect(server.endpoint)
        for _ in 0..<3 { _ = try client.read(.holding, 0, 1) }
        try client.connect(server.endpoint)
        for _ in 0..<3 { _ = try client.read(.holding, 0, 1) }
        #expect(Set(server.requests.map { Array($0.bytes[0..<2]) }).count == 6)
    }

    @Test(arguments: TransportKind.allCases)
    func anExceptionKeepsTheConnection(kind: TransportKind) throws {
        let server = try ScriptedServer(script: { $0.number == 0 ? .exception(2) : .proper })
        defer { server.stop() }
        let client = kind.client()
        try client.connect(server.endpoint)
        #expect(client.failure() == .exception(2))
        #expect(client.isConnected)
        #expect(client.failure() == nil)
        #expect(server.connections == 1)
    }

    /// The setter of libmodbus 3.1.6 refuses a million microseconds and more, and nothing at all.
    @Test(
        arguments: TransportKind.allCases,
        [Duration.seconds(1), .milliseconds(1500), .seconds(30), .nanoseconds(1), .zero])
    func everyTimeoutCanBeSet(kind: TransportKind, timeout: Duration) throws {
        let server = try ScriptedServer()
        defer { server.stop() }
        let client = kind.client()
        try client.connect(server.endpoint)
        let error = client.failure(timeout: timeout)
        #expect(error == nil || (timeout < .milliseconds(1) && error == .timeout))
    }

    @Test(arguments: TransportKind.allCases)
    func aReplyInPiecesIsTakenWhole(kind: TransportKind) throws {
        let server = try ScriptedServer(script: { _ in .drip(milliseconds: 1) })
        defer { server.stop() }
        let client = kind.client()
        try client.connect(server.endpoint)
        #expect(try client.read(.holding, 7, 4) == [0, 7, 0, 8, 0, 9, 0, 10])
    }

    // MARK: Several at once

    @Test(arguments: TransportKind.allCases, [1, 2, 16, 1000])
    func ofSeveralEachIsAnsweredOnceWithItsOwnValues(kind: TransportKind, depth: Int) throws {
        let server = try ScriptedServer()
        defer { server.stop() }
        let client = kind.client()
        try client.connect(server.endpoint)
        let requests = try (0..<40).map { try request(.holding, $0 * 100, 1 + $0) }
        let answers = client.answers(requests, depth: depth)
        #expect(answers.end == nil)
        #expect(answers.all.map(\.index) == Array(0..<40))
        for answer in answers.all {
            let expected = (0...answer.index).flatMap { offset -> [UInt8] in
                let word = answer.index * 100 + offset
                return [UInt8(word >> 8), UInt8(word & 0xFF)]
            }
            #expect(answer.outcome == .success(expected))
        }
        #expect(Set(server.requests.map { Array($0.bytes[0..<2]) }).count == 40)
        #expect(server.connections == 1)
    }

    @Test(arguments: TransportKind.allCases, [1, 3])
    func aRefusalOfOneLeavesTheOthers(kind: TransportKind, depth: Int) throws {
        let server = try ScriptedServer(script: { $0.start == 2 ? .exception(2) : .proper })
        defer { server.stop() }
        let client = kind.client()
        try client.connect(server.endpoint)
        let answers = client.answers(try (0..<5).map { try request(.holding, $0, 1) }, depth: depth)
        #expect(answers.end == nil)
        #expect(
            answers.all.map(\.outcome) == [
                .success([0, 0]), .success([0, 1]), .failure(.exception(2)), .success([0, 3]), .success([0, 4]),
            ])
        #expect(client.isConnected)
    }

    @Test(arguments: TransportKind.allCases, [1, 4])
    func whatWasAnsweredBeforeTheEndStays(kind: TransportKind, depth: Int) throws {
        let server = try ScriptedServer(script: { $0.start == 3 ? .reset : .proper })
        defer { server.stop() }
        let client = kind.client()
        try client.connect(server.endpoint)
        // Each must have been answered before the next is asked, or a reset would take waiting replies with it.
        let first = client.answers(try (0..<3).map { try request(.holding, $0, 1) }, depth: depth)
        let second = client.answers(try (3..<9).map { try request(.holding, $0, 1) }, depth: depth)
        #expect(first.all.count == 3 && first.end == nil)
        #expect(second.all.isEmpty && second.end == .disconnected(ECONNRESET))
        #expect(!client.isConnected)
        #expect(client.answers([try request(.holding, 0, 1)], depth: depth).end == .disconnected(ENOTCONN))
    }

    @Test(arguments: TransportKind.allCases)
    func nothingToAskIsNoError(kind: TransportKind) throws {
        let server = try ScriptedServer()
        defer { server.stop() }
        let client = kind.client()
        try client.connect(server.endpoint)
        let answers = client.answers([], depth: 16)
        #expect(answers.all.isEmpty && answers.end == nil)
        #expect(server.requests.isEmpty)
    }

    // MARK: What does not work

    struct Misdeed: Sendable, CustomTestStringConvertible {
        let name: String
        let answer: ScriptedServer.Answer
        private let libmodbus: ModbusError
        private let socket: ModbusError
        var testDescription: String { name }

        /// - Parameter socket: where the two must differ.
        init(
            _ name: String, _ answer: ScriptedServer.Answer, _ error: ModbusError, socket: ModbusError? = nil
        ) {
            (self.name, self.answer, libmodbus, self.socket) = (name, answer, error, socket ?? error)
        }

        func error(_ kind: TransportKind) -> ModbusError { kind == .libmodbus ? libmodbus : socket }

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
        Misdeed("zeros", .bytes(Array(repeating: 0, count: 64)), .badReply(.transaction), socket: .badReply(.length)),
        Misdeed("ones", .bytes(Array(repeating: 0xFF, count: 64)), .badReply(.protocolID)),
        Misdeed("silence", .silence, .timeout),
        Misdeed("a byte every 40 ms", .drip(milliseconds: 40), .timeout),
        Misdeed("a few bytes, then silence", .bytes([0, 1, 0]), .timeout),
        // libmodbus has one name for the end of the stream and for a reset.
        Misdeed("the connection is closed", .close, .disconnected(ECONNRESET), socket: .disconnected(0)),
        Misdeed("half a reply, then closed", .cut(after: 10), .disconnected(ECONNRESET), socket: .disconnected(0)),
        Misdeed("the connection is reset", .reset, .disconnected(ECONNRESET)),
        Misdeed("another unit", Misdeed.change(6, 2), .badReply(.unit)),
        // A stray: dropped, and then the answer does not come.
        Misdeed(
            "another transaction", .changed { [$0[0] ^ 1] + $0[1...] }, .badReply(.transaction), socket: .timeout),
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
        // libmodbus believes the byte count and waits; we see at once that the header says otherwise.
        Misdeed(
            "byte count beyond the largest frame", Misdeed.change(8, 255), .badReply(.byteCount),
            socket: .badReply(.length)),
        Misdeed("byte count beyond what comes", Misdeed.change(8, 20), .timeout, socket: .badReply(.length)),
        Misdeed("header longer than the reply", Misdeed.change(5, 200), .badReply(.length)),
        Misdeed("exception 0", .exception(0), .badReply(.exceptionForm)),
        Misdeed("exception with more behind", .changed { $0[0..<4] + [0, 5, 1, 0x83, 2, 0, 0] }, .badReply(.length)),
    ]

    @Test(arguments: TransportKind.allCases, misdeeds)
    func aMisdeedIsNamedAndEndsTheConnection(kind: TransportKind, _ misdeed: Misdeed) throws {
        let server = try ScriptedServer(script: { $0.number == 0 ? misdeed.answer : .proper })
        defer { server.stop() }
        let client = kind.client()
        try client.connect(server.endpoint)
        #expect(client.failure(count: 4, timeout: .milliseconds(150)) == misdeed.error(kind))
        #expect(!client.isConnected)
        // A closed context aborts the process in libmodbus 3.1.6; here it is an error.
        #expect(client.failure(count: 4) == .disconnected(ENOTCONN))
        try client.connect(server.endpoint)
        #expect(try client.read(.holding, 7, 4) == [0, 7, 0, 8, 0, 9, 0, 10])
    }

    @Test(arguments: TransportKind.allCases)
    func aReplyThatComesLateHasNoConnectionLeft(kind: TransportKind) throws {
        let late = Gate()
        let server = try ScriptedServer(script: { $0.number == 0 ? .held(late) : .proper })
        defer { server.stop() }
        let client = kind.client()
        try client.connect(server.endpoint)
        #expect(throws: ModbusError.timeout) {
            try client.read(.holding, 100, 2, timeout: .milliseconds(50))
        }
        late.open()
        try client.connect(server.endpoint)
        #expect(try client.read(.holding, 200, 2) == [0, 200, 0, 201])
    }

    @Test(arguments: TransportKind.allCases)
    func aPeerThatHangsUpBetweenTwoRequestsIsNoticedBeforeAsking(kind: TransportKind) throws {
        let server = try ScriptedServer()
        let client = kind.client()
        try client.connect(server.endpoint)
        #expect(client.failure() == nil)
        server.stop()
        // Either the end of the stream is there already, or it comes instead of a reply.
        let error = client.failure()
        #expect(error == .disconnected(0) || error == .disconnected(ECONNRESET))
    }

    @Test(arguments: TransportKind.allCases)
    func aStopEndsTheWaitForAReply(kind: TransportKind) throws {
        let server = try ScriptedServer(script: { _ in .silence })
        defer { server.stop() }
        let interrupter = Interrupter()
        let client = kind.client(interrupter)
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

    @Test(arguments: TransportKind.allCases)
    func onlyReadsEverLeave(kind: TransportKind) throws {
        let server = try ScriptedServer(script: { request in
            Self.misdeeds[request.number % Self.misdeeds.count].answer
        })
        defer { server.stop() }
        let client = kind.client()
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
