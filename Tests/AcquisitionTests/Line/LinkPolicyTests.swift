import Glibc
import Modbus
import Testing

@testable import Acquisition

@Suite struct LinkPolicyTests {
    struct Row: Sendable {
        let error: ModbusError
        let alone: LinkPolicy.Consequence
        let amongOthers: LinkPolicy.Consequence
    }

    @Test(arguments: [
        Row(error: .exception(2), alone: .registers, amongOthers: .registers),
        Row(error: .exception(3), alone: .registers, amongOthers: .registers),
        Row(error: .exception(1), alone: .block, amongOthers: .block),
        Row(error: .exception(4), alone: .block, amongOthers: .block),
        Row(error: .exception(5), alone: .block, amongOthers: .block),
        Row(error: .exception(6), alone: .block, amongOthers: .block),
        // A gateway whose target is silent says so itself, and stays on the line.
        Row(error: .exception(10), alone: .controller, amongOthers: .controller),
        Row(error: .exception(11), alone: .controller, amongOthers: .controller),
        Row(error: .timeout, alone: .line, amongOthers: .controller),
        Row(error: .refused, alone: .line, amongOthers: .line),
        Row(error: .unreachable(EHOSTUNREACH), alone: .line, amongOthers: .line),
        Row(error: .disconnected(0), alone: .line, amongOthers: .controller),
        Row(error: .badReply(.unit), alone: .line, amongOthers: .controller),
        Row(error: .localFault(EMFILE), alone: .line, amongOthers: .line),
        Row(error: .stopped, alone: .end, amongOthers: .end),
    ])
    func aFaultHitsNoMoreThanItMust(_ row: Row) {
        #expect(LinkPolicy.consequence(of: row.error, othersAnswer: false) == row.alone)
        #expect(LinkPolicy.consequence(of: row.error, othersAnswer: true) == row.amongOthers)
    }
}
