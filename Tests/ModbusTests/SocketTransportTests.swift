import Foundation
import Glibc
import Plant
import Synchronization
import TestSupport
import Testing

@testable import Modbus

@Suite struct SocketTransportTests {
    // MARK: Strays

    @Test func aReplyThatComesTwiceIsDroppedAndCounted() throws {
        let server = try ScriptedServer.sendingEachReplyAgainBeforeTheNext()
        defer { server.stop() }
        let client = TransportKind.socket.client()
        try client.connect(server.endpoint)
        for start in [100, 200, 300] {
            #expect(try client.read(.holding, start, 1) == [UInt8(start >> 8), UInt8(start & 0xFF)])
        }
        #expect(client.strays == 2)
        #expect(server.connections == 1)
    }

    /// What came before its request can be no answer to it, not even with the number that the request will have.
    @Test func aReplyBeforeItsRequestIsAStray() throws {
        let server = try ScriptedServer(script: { request in
            .changed { reply in
                let early: [UInt8] = [reply[0], reply[1] + 1] + reply[2..<9] + [0xBA, 0xD0]
                return request.number == 0 ? reply + early : reply
            }
        })
        defer { server.stop() }
        let client = TransportKind.socket.client()
        try client.connect(server.endpoint)
        #expect(try client.read(.holding, 1, 1) == [0, 1])
        #expect(try client.read(.holding, 2, 1) == [0, 2])
        #expect(client.strays == 1)
    }

    @Test(arguments: [15, 16])
    func aPeerThatHasLostCountIsGivenUp(strays: Int) throws {
        #expect(SocketTransport.strayLimit == 16)
        let server = try ScriptedServer(script: { _ in
            .changed { reply in Array(repeatElement([0xEE] + reply[1...], count: strays).joined()) + reply }
        })
        defer { server.stop() }
        let client = TransportKind.socket.client()
        try client.connect(server.endpoint)
        // A proper reply begins the count anew.
        let failures = (0..<2).map { _ in client.failure() }
        #expect(failures == (strays < 16 ? [nil, nil] : [.badReply(.transaction), .disconnected(ENOTCONN)]))
        #expect(client.strays == (strays < 16 ? 30 : 16))
    }

    @Test func anIdlePeerThatTalksIsGivenUpBeforeItIsAsked() throws {
        let server = try ScriptedServer(script: { _ in
            .changed { reply in reply + Array(repeatElement(reply, count: 16).joined()) }
        })
        defer { server.stop() }
        let client = TransportKind.socket.client()
        try client.connect(server.endpoint)
        #expect(client.failure() == nil)
        #expect(client.failure() == .badReply(.stray))
        #expect(server.requests.count == 1)
    }

    // MARK: Several on their way

    /// The server holds its replies until eight requests are there: with fewer on their way the test would time out.
    @Test func asManyAreOnTheirWayAsAllowedAndNoMore() throws {
        let held = Mutex<[[UInt8]]>([])
        let server = try ScriptedServer(script: { _ in
            .changed { reply in
                held.withLock { held in
                    held.append(reply)
                    guard held.count == 8 else { return [] }
                    defer { held = [] }
                    return Array(held.joined())
                }
            }
        })
        defer { server.stop() }
        let frames = FrameLog(capacity: 1 << 16)
        let client = TransportKind.socket.client(frames: frames)
        try client.connect(server.endpoint)
        let answers = client.answers(try (0..<64).map { try request(.holding, $0, 125) }, depth: 8)
        #expect(answers.end == nil && answers.all.count == 64)
        var (onTheirWay, most) = (0, 0)
        for frame in frames.frames() {
            if frame.event == .sent { onTheirWay += 1 }
            if frame.event == .received { onTheirWay -= 1 }
            most = max(most, onTheirWay)
        }
        #expect(most == 8)
    }

    @Test func repliesInAnyOrderFindTheirRequests() throws {
        let held = Mutex<[[UInt8]]>([])
        let server = try ScriptedServer(script: { request in
            .changed { reply in
                held.withLock { held in
                    held.append(reply)
                    guard held.count == 4 else { return [] }
                    defer { held = [] }
                    return Array([held[2], held[0], held[3], held[1]].joined())
                }
            }
        })
        defer { server.stop() }
        let client = TransportKind.socket.client()
        try client.connect(server.endpoint)
        let answers = client.answers(try (0..<8).map { try request(.holding, $0, 1) }, depth: 4)
        #expect(answers.end == nil)
        #expect(answers.all.map(\.index) == [2, 0, 3, 1, 6, 4, 7, 5])
        for answer in answers.all { #expect(answer.outcome == .success([0, UInt8(answer.index)])) }
    }

    /// Sixteen replies take twice as long as the timeout allows for one.
    @Test func aDeviceThatWorksOneAfterTheOtherGetsItsTimeForEach() throws {
        let server = try ScriptedServer(script: { _ in
            .changed { reply in
                Thread.sleep(forTimeInterval: 0.05)
                return reply
            }
        })
        defer { server.stop() }
        let client = TransportKind.socket.client()
        try client.connect(server.endpoint)
        let answers = client.answers(
            try (0..<16).map { try request(.holding, $0, 1) }, depth: 16, timeout: .milliseconds(400))
        #expect(answers.end == nil && answers.all.count == 16)
    }

    @Test func aTimeoutEndsAllThatAreOnTheirWay() throws {
        let server = try ScriptedServer(script: { $0.start < 3 ? .proper : .bytes([]) })
        defer { server.stop() }
        let client = TransportKind.socket.client()
        try client.connect(server.endpoint)
        let answers = client.answers(
            try (0..<8).map { try request(.holding, $0, 1) }, depth: 8, timeout: .milliseconds(200))
        #expect(answers.all.map(\.index) == [0, 1, 2])
        #expect(answers.end == .timeout)
        #expect(!client.isConnected)
    }

    /// The peer's half of the connection is closed properly behind its last reply.
    @Test func repliesInFrontOfTheEndOfTheStreamAreStillTaken() throws {
        let server = try ScriptedServer(script: { $0.number < 2 ? .proper : .close })
        defer { server.stop() }
        let client = TransportKind.socket.client()
        try client.connect(server.endpoint)
        let answers = client.answers(try (0..<3).map { try request(.holding, $0, 1) }, depth: 3)
        #expect(answers.all.map(\.index) == [0, 1])
        #expect(answers.end == .disconnected(0))
    }

    @Test func transactionsGoRoundWithoutAGap() throws {
        let server = try ScriptedServer()
        defer { server.stop() }
        var transport = SocketTransport(interrupter: Interrupter(), transaction: 0xFFFE)
        try transport.connect(to: server.endpoint, timeout: .seconds(10))
        var count = 0
        let requests = try (0..<4).map { try request(.holding, $0, 1) }
        try transport.read(requests, depth: 2, timeout: .seconds(10)) { _, _ in count += 1 }
        #expect(count == 4)
        #expect(server.requests.map { Array($0.bytes[0..<2]) } == [[0xFF, 0xFF], [0, 0], [0, 1], [0, 2]])
    }

    // MARK: This machine

    @Test func itsSocketDoesNotBlock() throws {
        let server = try ScriptedServer()
        defer { server.stop() }
        let socket = try Dial.connect(
            server.endpoint, timeout: .seconds(10), interrupter: Interrupter(), descriptorLimit: .max, blocking: false)
        defer { close(socket) }
        #expect(fcntl(socket, F_GETFL) & O_NONBLOCK != 0)
    }
}
