import Foundation
import Plant
import TestSupport
import Testing

@testable import Modbus

@Suite struct FrameLogTests {
    @Test(arguments: TransportKind.allCases)
    func whatIsSentAndReceivedIsRecordedAsItWas(kind: TransportKind) throws {
        let server = try ScriptedServer(script: { $0.number == 1 ? .exception(2) : .proper })
        defer { server.stop() }
        let log = FrameLog(capacity: 1 << 16)
        let client = kind.client(frames: log)
        try client.connect(server.endpoint)
        _ = try client.read(.holding, 0x1234, 2)
        #expect(client.failure() == .exception(2))
        client.close()
        let frames = log.frames()
        #expect(frames.map(\.event) == [.opened, .sent, .received, .sent, .received, .closed])
        #expect(frames.filter { $0.event == .sent }.map(\.bytes) == server.requests.map(\.bytes))
        #expect(frames[2].bytes == [0, 1, 0, 0, 0, 7, 1, 3, 4, 0x12, 0x34, 0x12, 0x35])
        #expect(frames[4].bytes == [0, 2, 0, 0, 0, 3, 1, 0x83, 2])
        #expect(frames.allSatisfy { $0.connection == frames[0].connection })
        #expect(frames[0].connection.peer == server.endpoint)
        #expect(frames[0].connection.local.host == "127.0.0.1" && frames[0].connection.localPort > 0)
        #expect(frames.map(\.monotonic) == frames.map(\.monotonic).sorted())
        let clock = SystemClock()
        let offset = clock.wall() - clock.monotonic()
        // A second: UTC may be slewed meanwhile.
        #expect(frames.allSatisfy { abs($0.utc - $0.monotonic - offset) < 1_000_000_000 })
    }

    @Test(arguments: TransportKind.allCases)
    func theConnectionsAreNumberedAndSayWhoEndedThem(kind: TransportKind) throws {
        let server = try ScriptedServer(script: { [.silence, .close, .proper][$0.number] })
        defer { server.stop() }
        let log = FrameLog(capacity: 1 << 16)
        let client = kind.client(frames: log)
        try client.connect(server.endpoint)
        #expect(client.failure(timeout: .milliseconds(50)) == .timeout)
        try client.connect(server.endpoint)
        #expect(client.failure() != nil)
        try client.connect(server.endpoint)
        #expect(client.failure() == nil)
        // A new connection closes the one before.
        try client.connect(server.endpoint)
        let story = log.frames().map { "\($0.connection.number) \($0.event)" }
        #expect(
            story == [
                "1 opened", "1 sent", "1 closed", "2 opened", "2 sent", "2 closedByPeer", "3 opened", "3 sent",
                "3 received", "3 closed", "4 opened",
            ])
        #expect(Set(log.frames().map(\.connection.localPort)).count == 4)
    }

    static let garbage = Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)

    /// What could not be understood is the most interesting of all.
    @Test func whatCouldNotBeUnderstoodIsRecorded() throws {
        for bytes in [Self.garbage, Array(repeating: 0xFF, count: 300)] {
            let server = try ScriptedServer(script: { _ in .bytes(bytes) })
            defer { server.stop() }
            let log = FrameLog(capacity: 1 << 16)
            let client = TransportKind.socket.client(frames: log)
            try client.connect(server.endpoint)
            #expect(client.failure() == .badReply(.protocolID))
            let received = log.frames().filter { $0.event == .received }
            #expect(received.map(\.bytes) == [Array(bytes.prefix(260))])
            #expect(log.frames().map(\.event) == [.opened, .sent, .received, .closed])
        }
    }

    @Test func theBeginningOfAReplyThatNeverEndedIsRecorded() throws {
        let server = try ScriptedServer(script: { _ in .cut(after: 10) })
        defer { server.stop() }
        let log = FrameLog(capacity: 1 << 16)
        let client = TransportKind.socket.client(frames: log)
        try client.connect(server.endpoint)
        #expect(client.failure() == .disconnected(0))
        let frames = log.frames()
        #expect(frames.map(\.event) == [.opened, .sent, .received, .closedByPeer])
        #expect(frames[2].bytes == [0, 1, 0, 0, 0, 5, 1, 3, 2, 0])
    }

    /// What libmodbus hands out, it hands out whole; of what is refused by it, its nine first bytes are known.
    @Test func whatLibmodbusCouldNotUseIsRecorded() throws {
        let server = try ScriptedServer(script: { request in
            switch request.number {
            case 0: .changed { $0[..<8] + [255] + $0[9...] }
            case 1: .changed { $0 + [1, 2, 3] }
            default: .proper
            }
        })
        defer { server.stop() }
        let log = FrameLog(capacity: 1 << 16)
        let client = TransportKind.libmodbus.client(frames: log)
        try client.connect(server.endpoint)
        #expect(client.failure() == .badReply(.byteCount))
        try client.connect(server.endpoint)
        #expect(client.failure() == nil)
        #expect(client.failure() == .badReply(.stray))
        let received = log.frames().filter { $0.event == .received }
        #expect(
            received.map(\.bytes) == [[0, 1, 0, 0, 0, 5, 1, 3, 255], [0, 2, 0, 0, 0, 5, 1, 3, 2, 0, 7], [1, 2, 3]])
    }

    @Test func framesBeforeAMomentAreLeftOut() {
        let log = FrameLog(capacity: 1 << 16, clock: CountingClock())
        for byte in UInt8(0)..<10 {
            [byte].withUnsafeBufferPointer { log.record(.sent, .sample, $0) }
        }
        let frames = log.frames()
        #expect(log.frames(since: frames[6].utc) == Array(frames[6...]))
        #expect(log.frames(since: .max).isEmpty)
    }

    /// The two clocks are not read at once, and what came together must not seem to have come in another order.
    @Test func framesOfOneMomentHaveOneTime() {
        let log = FrameLog(capacity: 1 << 16, clock: HurriedClock())
        for _ in 0..<5 { log.record(.received, .sample, at: 1000) }
        log.record(.received, .sample, at: 2000)
        let times = log.frames().map(\.utc)
        #expect(Set(times.prefix(5)).count == 1 && times[5] != times[0])
    }

    /// A reader on another thread sees whole frames in order at any moment.
    @Test func readersNeverSeeHalfAFrame() {
        let log = FrameLog(capacity: 2000, clock: CountingClock())
        let done = Gate()
        Thread.detachNewThread {
            for number in 0..<20_000 {
                let bytes = [UInt8](repeating: UInt8(number % 251), count: number % 251)
                bytes.withUnsafeBufferPointer { log.record(.received, .sample, $0) }
            }
            done.open()
        }
        var looks = 0
        while log.recorded < 20_000 || looks < 10 {
            let frames = log.frames()
            for frame in frames { #expect(frame.bytes.allSatisfy { Int($0) == frame.bytes.count }) }
            for (one, next) in zip(frames, frames.dropFirst()) {
                #expect(next.bytes.count == (one.bytes.count + 1) % 251)
            }
            looks += 1
        }
        #expect(done.wait())
    }
}
