import Modbus
import Plant
import Testing

@testable import Acquisition

/// Several controllers behind one endpoint: who suffers when one of them does not answer.
@Suite struct GatewayTests {
    private static let words = SamplePlant.words(0..<2)

    private static func gateway(_ units: Int) -> Plant {
        SamplePlant.plant((1...units).map { .init(name: "U\($0)", unit: UInt8($0), timeout: .seconds(1), rows: words) })
    }

    @Test func aDeadUnitBehindAGatewayCostsTheOthersATimeoutNowAndThen() {
        let rehearsal = Rehearsal(Self.gateway(3))
        rehearsal.link.read = { request, at in
            request.unit == 2 && at > 10_000 ? .init(milliseconds: 1000, error: .timeout) : .init()
        }
        rehearsal.run(milliseconds: 300_000)
        let losses = rehearsal.blocks.filter { !$0.header.loss.isGood }
        #expect(losses.map(\.header.group) == [1], "only the dead unit's group is lost")
        let tries = rehearsal.link.reads(2).filter { $0 > 10_000 }
        #expect((4...6).contains(tries.count), "its delay grows from ten seconds to five minutes")
        for unit in [UInt8(1), 3] { #expect(rehearsal.link.reads(unit).count >= 290) }
        #expect(rehearsal.status.controllers.map(\.fault) == [nil, "timeout", nil])
        #expect(rehearsal.status.fault == nil)
        #expect(rehearsal.notices.all.map(\.subject) == ["U2"])
    }

    @Test func aUnitThatComesBackIsReadAtOnceAndOnItsGrid() throws {
        let rehearsal = Rehearsal(Self.gateway(2))
        rehearsal.link.read = { request, at in
            request.unit == 2 && at < 20_000 ? .init(milliseconds: 1000, error: .timeout) : .init()
        }
        rehearsal.run(milliseconds: 60_000)
        let back = try #require(rehearsal.blocks.first { $0.header.group == 1 && $0.header.loss.isGood })
        #expect(rehearsal.time(back) < 40_000)
        #expect(rehearsal.status.controllers.map(\.fault) == [nil, nil])
        #expect(rehearsal.notices.all.filter(\.ended).count == 1)
    }

    @Test func aGatewayThatFallsSilentIsLostAsAWhole() {
        let rehearsal = Rehearsal(Self.gateway(3))
        rehearsal.link.read = { _, at in at > 10_000 ? .init(milliseconds: 1000, error: .timeout) : .init() }
        rehearsal.run(milliseconds: 200_000)
        let lost = rehearsal.blocks.filter { !$0.header.loss.isGood }
        #expect(lost.map(\.header.group).sorted() == [0, 1, 2])
        #expect(lost.allSatisfy { rehearsal.time($0) < 14_500 })
        #expect(rehearsal.link.reads().filter { $0 > 20_000 }.count < 12, "it backs off as a whole")
        #expect(rehearsal.status.fault == "timeout")
    }

    /// The dead one must not be the first to be tried after each reconnect, or nobody would ever be read.
    @Test func aUnitThatIsDeadFromTheBeginningDoesNotHideTheOthers() {
        let rehearsal = Rehearsal(Self.gateway(2))
        rehearsal.link.read = { request, _ in
            request.unit == 1 ? .init(milliseconds: 1000, error: .timeout) : .init()
        }
        rehearsal.run(milliseconds: 60_000)
        #expect(rehearsal.link.reads(2).count > 45)
        #expect(rehearsal.status.controllers.map(\.fault) == ["timeout", nil])
    }

    @Test func aGatewayThatAnswersWronglyForAllIsLostAsAWhole() {
        let rehearsal = Rehearsal(Self.gateway(3))
        rehearsal.link.read = { _, at in at > 10_000 ? .init(error: .badReply(.unit)) : .init() }
        rehearsal.run(milliseconds: 60_000)
        let lost = rehearsal.blocks.filter { !$0.header.loss.isGood }
        #expect(lost.map(\.header.group).sorted() == [0, 1, 2], "each is told once")
        #expect(lost.allSatisfy { rehearsal.time($0) < 12_500 && $0.header.loss == .badReply })
        #expect(rehearsal.status.fault == "bad-reply-unit")
        #expect(rehearsal.link.connects.count < 15, "it backs off as a whole")
    }

    /// What one unit does wrong is not the fault of those who share its gateway.
    @Test(arguments: [
        ModbusError.badReply(.unit), .badReply(.byteCount), .disconnected(0), .disconnected(104), .timeout,
        .exception(11),
    ])
    func aUnitThatMisbehavesCostsTheOthersNothingButAConnection(error: ModbusError) {
        let rehearsal = Rehearsal(Self.gateway(3))
        rehearsal.link.read = { request, at in
            request.unit == 2 && at > 10_000 ? .init(milliseconds: 20, error: error) : .init()
        }
        rehearsal.run(milliseconds: 300_000)
        let losses = rehearsal.blocks.filter { !$0.header.loss.isGood }
        #expect(losses.map(\.header.group) == [1], "only its own group is lost, once")
        for unit in [UInt8(1), 3] { #expect(rehearsal.link.reads(unit).count >= 299) }
        #expect((4...8).contains(rehearsal.link.reads(2).filter { $0 > 10_000 }.count), "ever more rarely")
        #expect(rehearsal.notices.all.map(\.subject) == ["U2"])
    }
}
