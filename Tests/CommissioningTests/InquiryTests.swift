import Foundation
import Modbus
import Plant
import TestSupport
import Testing

@testable import Commissioning

@Suite struct InquiryTests {
    private let request = Rig.request(1, .holding, 10, 2)

    @Test func oneConnectionServesAllQuestions() throws {
        let server = try ScriptedServer()
        defer { server.stop() }
        var inquiry = Rig.inquiry(server.endpoint)
        for _ in 0..<5 {
            let reply = try inquiry.ask(request)
            #expect(reply.bytes == [0, 10, 0, 11])
            #expect(reply.took > 0)
        }
        #expect(server.connections == 1)
        #expect(inquiry.requests == 5)
        let trips = inquiry.takeRoundTrips()
        #expect(trips.count == 5)
        #expect(trips.shortest <= trips.mean && trips.mean <= trips.longest)
        #expect(inquiry.takeRoundTrips().count == 0)
    }

    @Test func anExceptionIsAReplyAndKeepsTheConnection() throws {
        let server = try ScriptedServer(script: { $0.number == 0 ? .exception(2) : .proper })
        defer { server.stop() }
        var inquiry = Rig.inquiry(server.endpoint)
        #expect(try inquiry.ask(request).error == .exception(2))
        #expect(try inquiry.ask(request).error == nil)
        #expect(server.connections == 1)
    }

    /// The whole reply, then the end of the stream: devices that serve one request a connection.
    @Test func aDeviceThatClosesAfterEachReplyIsAskedOnANewConnection() throws {
        let server = try ScriptedServer(script: { _ in .cut(after: 260) })
        defer { server.stop() }
        var inquiry = Rig.inquiry(server.endpoint)
        for _ in 0..<3 { #expect(try inquiry.ask(request).bytes == [0, 10, 0, 11]) }
        #expect(server.connections == 3)
    }

    @Test func aDeviceThatHangsUpOnAQuestionIsNotAskedForEver() throws {
        let server = try ScriptedServer(script: { $0.number == 0 ? .proper : .close })
        defer { server.stop() }
        var inquiry = Rig.inquiry(server.endpoint)
        _ = try inquiry.ask(request)
        guard case .disconnected = try inquiry.ask(request).error else {
            Issue.record("expected a lost connection")
            return
        }
        // Once on the old connection, once on a new one.
        #expect(server.requests.count == 3)
    }

    @Test(arguments: [ScriptedServer.Answer.silence, .exception(5), .exception(6)])
    func silenceAndLaterAreAskedASecondTime(first: ScriptedServer.Answer) throws {
        let server = try ScriptedServer(script: { $0.number == 0 ? first : .proper })
        defer { server.stop() }
        var inquiry = Rig.inquiry(server.endpoint)
        #expect(try inquiry.askPatiently(request).bytes == [0, 10, 0, 11])
        #expect(server.requests.count == 2)
    }

    @Test func silenceIsBelievedTheSecondTime() throws {
        let server = try ScriptedServer(script: { _ in .silence })
        defer { server.stop() }
        var inquiry = Rig.inquiry(server.endpoint)
        #expect(try inquiry.askPatiently(request).error == .timeout)
        #expect(server.requests.count == Inquiry.patience)
    }

    private static let stray: [UInt8] = [0xAB, 0xCD, 0, 0, 0, 5, 1, 3, 2, 0, 7]

    @Test func aStrayBeforeAReplyCostsNothing() throws {
        let server = try ScriptedServer(script: { _ in .changed { Self.stray + $0 } })
        defer { server.stop() }
        var inquiry = Rig.inquiry(server.endpoint)
        for _ in 0..<3 { #expect(try inquiry.ask(request).bytes == [0, 10, 0, 11]) }
        #expect(server.connections == 1)
    }

    @Test func whoAnswersWithAnotherNumberOnlyIsNotSilent() throws {
        let server = try ScriptedServer(script: { _ in .bytes(Self.stray) })
        defer { server.stop() }
        var inquiry = Rig.inquiry(server.endpoint)
        let reply = try inquiry.ask(request)
        #expect(reply.error == .badReply(.transaction))
        #expect(reply.hasCome)
    }

    @Test func afterSilenceNothingHasCome() throws {
        let server = try ScriptedServer(script: { _ in .silence })
        defer { server.stop() }
        var inquiry = Rig.inquiry(server.endpoint)
        #expect(try !inquiry.ask(request).hasCome)
    }

    @Test func aClosedPortIsToldAtOnceAndNothingIsAsked() throws {
        let port = try ClosedPort()
        var inquiry = Rig.inquiry(port.endpoint)
        var error: ModbusError?
        do throws(ModbusError) { _ = try inquiry.ask(request) } catch let failure { error = failure }
        #expect(error == .refused)
        #expect(inquiry.requests == 0)
    }

    @Test func theSecondEndpointIsTakenWhenTheFirstRefuses() throws {
        let port = try ClosedPort()
        let server = try ScriptedServer()
        defer { server.stop() }
        var inquiry = Inquiry(
            endpoints: [port.endpoint, server.endpoint], timeout: Rig.timeout, interrupter: Interrupter())
        #expect(try inquiry.ask(request).error == nil)
    }

    @Test func aReplyThatIsWaitedForEndsWhenInterrupted() throws {
        let server = try ScriptedServer(script: { _ in .silence })
        defer { server.stop() }
        let interrupter = Interrupter()
        let asked = server.hasReceived(1)
        Thread.detachNewThread {
            _ = asked.wait()
            interrupter.interrupt()
        }
        var inquiry = Rig.inquiry(server.endpoint, interrupter)
        inquiry.timeout = .seconds(30)
        var error: ModbusError?
        do throws(ModbusError) { _ = try inquiry.ask(request) } catch let failure { error = failure }
        #expect(error == .stopped)
    }

    @Test func thePauseIsNeverShorterThanTheDefault() {
        let inquiry = Inquiry(
            endpoints: [Endpoint(host: "127.0.0.1", port: 1)], timeout: Rig.timeout, pacing: Pacing(),
            interrupter: Interrupter())
        #expect(inquiry.shortestPause == .milliseconds(20))
    }
}

@Suite struct ReplyTests {
    private func reply(_ request: ReadRequest, _ bytes: [UInt8]) -> Reply {
        Reply(request: request, outcome: .success(bytes), sent: 0, took: 1)
    }

    @Test func aPartOfABlockIsCutOut() {
        let block = reply(Rig.request(1, .holding, 100, 3), [1, 2, 3, 4, 5, 6])
        #expect(block.items == [0x0102, 0x0304, 0x0506])
        #expect(block.bytes(of: Rig.range(.holding, 101, 2)) == [3, 4, 5, 6])
        #expect(block.bytes(of: Rig.range(.holding, 102, 2)) == nil)
        #expect(block.bytes(of: Rig.range(.holding, 99, 1)) == nil)
        #expect(block.bytes(of: Rig.range(.input, 101, 1)) == nil)
    }

    @Test func bitsAreUnpackedFromTheLowest() {
        let block = reply(Rig.request(1, .coil, 3, 10), [0b0100_1001, 0b10])
        #expect(block.items == [1, 0, 0, 1, 0, 0, 1, 0, 0, 1])
        #expect(block.bytes(of: Rig.range(.coil, 12, 1)) == [1])
        #expect(block.bytes(of: Rig.range(.coil, 11, 1)) == [0])
    }
}
