import Plant
import Synchronization
import TestSupport
import Testing

@testable import Modbus

/// With libmodbus, a frame that answers nothing is an error: it hands out whatever came first.
@Suite struct LibmodbusTransportTests {
    @Test func bytesBehindAReplyAreFoundBeforeAnythingElseIsAsked() throws {
        let server = try ScriptedServer(script: { $0.number == 0 ? .changed { $0 + $0 } : .proper })
        defer { server.stop() }
        let client = TransportKind.libmodbus.client()
        try client.connect(server.endpoint)
        #expect(client.failure() == nil)
        #expect(client.failure() == .badReply(.stray))
        #expect(server.requests.count == 1)
        #expect(client.strays == 0)
    }

    /// A gateway that sends a reply twice, the second time after the next request: with the same transaction for
    /// every request, the registers of one block would be taken for those of another.
    @Test func aReplyThatComesTwiceIsNotTakenForTheNext() throws {
        let server = try ScriptedServer.sendingEachReplyAgainBeforeTheNext()
        defer { server.stop() }
        let client = TransportKind.libmodbus.client()
        try client.connect(server.endpoint)
        #expect(try client.read(.holding, 100, 2) == [0, 100, 0, 101])
        #expect(throws: ModbusError.badReply(.transaction)) { try client.read(.holding, 200, 2) }
    }
}

extension ScriptedServer {
    /// Puts the reply to the request before in front of each reply.
    static func sendingEachReplyAgainBeforeTheNext() throws -> ScriptedServer {
        let before = Mutex<[UInt8]>([])
        return try ScriptedServer(script: { _ in
            .changed { reply in
                before.withLock { before in
                    defer { before = reply }
                    return before + reply
                }
            }
        })
    }
}
