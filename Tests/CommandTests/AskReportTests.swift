import Modbus
import Plant
import Testing

@testable import Commissioning
@testable import cupel

struct AskReportTests {
    private let party = Party(
        name: "F-01", endpoints: [Endpoint(host: "127.0.0.1", port: 502)], unit: 1, timeout: .seconds(1),
        pacing: Pacing())

    private func report(_ outcome: Result<[UInt8], ModbusError>) throws -> ReadReport {
        let range = try #require(RegisterRange(table: .holding, start: 10, count: 1))
        let request = try #require(ReadRequest(unit: 1, range: range))
        let reply = Reply(request: request, outcome: outcome, sent: 1_000_000_000, took: 2_000_000)
        return ReadReport(reply, from: party, expecting: { _ in nil }, tag: nil)
    }

    @Test(arguments: [
        (ModbusError.timeout, "no reply within the response timeout"),
        (.disconnected(0), "the peer closed the connection"),
    ])
    func withoutAReplyThereIsNoRoundTrip(error: ModbusError, text: String) throws {
        let report = try report(.failure(error))
        #expect(report.text.hasSuffix("\nsent 1970-01-01T00:00:01.000Z, \(text)\n"))
        #expect(report.replied == nil && report.round_trip_ms == nil)
        let json = try jsonLine(report)
        #expect(!json.contains("replied") && !json.contains("round_trip"))
    }

    @Test(arguments: [.success([0, 7]), .failure(.exception(2))] as [Result<[UInt8], ModbusError>])
    func aReplyHasItsTimeAndRoundTrip(outcome: Result<[UInt8], ModbusError>) throws {
        let report = try report(outcome)
        #expect(
            report.text.contains("sent 1970-01-01T00:00:01.000Z, reply 1970-01-01T00:00:01.002Z, round trip 2 ms\n"))
    }

    private func probed(_ error: ModbusError?) -> String {
        var inquiry = Inquiry(endpoints: party.endpoints, timeout: .seconds(1), interrupter: Interrupter())
        var probe = Probe(Probe.Plan(units: []), through: &inquiry)
        probe.isSilent = true
        probe.lastAnomaly = error
        return ProbeReport(probe, of: party, asked: 0).text
    }

    @Test func anEndpointIsCalledSilentOnlyWhenNothingCame() {
        #expect(probed(nil).hasSuffix("the endpoint takes connections and says nothing\n"))
        let text = probed(.badReply(.protocolID))
        #expect(!text.contains("says nothing"))
        #expect(text.hasSuffix("what came last: bad reply: protocol identifier is not 0, so this is not Modbus\n"))
    }
}
