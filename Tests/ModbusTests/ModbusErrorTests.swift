import Glibc
import Plant
import Testing

@testable import Modbus

@Suite struct ModbusErrorTests {
    struct Row: Sendable {
        let error: ModbusError
        let quality: Quality
        let counter: String
        let fault: ModbusError.Fault
        let keeps: Bool
    }

    static let rows: [Row] = [
        Row(error: .timeout, quality: .timeout, counter: "timeout", fault: .controller, keeps: false),
        Row(error: .refused, quality: .refused, counter: "refused", fault: .network, keeps: false),
        Row(
            error: .unreachable(EHOSTUNREACH), quality: .unreachable, counter: "unreachable", fault: .network,
            keeps: false),
        Row(error: .disconnected(0), quality: .disconnected, counter: "disconnected", fault: .network, keeps: false),
        Row(
            error: .badReply(.byteCount), quality: .badReply, counter: "bad-reply-byte-count", fault: .controller,
            keeps: false),
        Row(
            error: .exception(2), quality: .exception(2), counter: "exception-2", fault: .controller, keeps: true),
        Row(error: .localFault(EMFILE), quality: .localFault, counter: "local-fault", fault: .machine, keeps: false),
        Row(error: .stopped, quality: .stale, counter: "stopped", fault: .nobody, keeps: false),
    ]

    @Test(arguments: rows)
    func everyCauseHasItsQualityItsCounterAndItsCulprit(_ row: Row) {
        #expect(row.error.quality == row.quality)
        #expect(row.error.counter == row.counter)
        #expect(row.error.fault == row.fault)
        #expect(row.error.keepsConnection == row.keeps)
    }

    @Test func everyWayToBeWrongHasACounterOfItsOwn() {
        let counters = Set(BadReply.allCases.map { ModbusError.badReply($0).counter })
        #expect(counters.count == BadReply.allCases.count)
    }

    @Test(arguments: [
        (ModbusError.disconnected(ECONNRESET), "connection lost: Connection reset by peer"),
        (.disconnected(0), "the peer closed the connection"),
        (.exception(6), "exception 6 (device busy)"), (.exception(99), "exception 99"),
        (.unreachable(ETIMEDOUT), "unreachable: Connection timed out"),
    ])
    func aPersonIsToldWhatHappened(error: ModbusError, text: String) {
        #expect("\(error)" == text)
    }

    @Test(arguments: [
        (ECONNREFUSED, ModbusError.refused), (EHOSTUNREACH, .unreachable(EHOSTUNREACH)),
        (ENETUNREACH, .unreachable(ENETUNREACH)), (ETIMEDOUT, .unreachable(ETIMEDOUT)),
        (ECONNRESET, .disconnected(ECONNRESET)), (EMFILE, .localFault(EMFILE)),
        (EADDRNOTAVAIL, .localFault(EADDRNOTAVAIL)),
    ])
    func anErrorOfConnectIsNotTakenForAnother(code: CInt, error: ModbusError) {
        #expect(Dial.connectError(code) == error)
    }

    @Test(arguments: [
        (ETIMEDOUT, ModbusError.timeout), (ECONNRESET, .disconnected(ECONNRESET)), (EBADF, .localFault(EBADF)),
        // EMBBADDATA of libmodbus: 112345678 + 13.
        (112_345_691, .badReply(.byteCount)),
    ])
    func anErrorOfAReplyIsNotTakenForAnother(code: CInt, error: ModbusError) {
        #expect(LibmodbusTransport.receiveError(code) == error)
    }
}
