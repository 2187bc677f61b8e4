import Plant
import Testing

@testable import Modbus

@Suite struct ReplyCheckTests {
    /// The answer to two holding registers of unit 17, asked in transaction 0x0102.
    static let proper: [UInt8] = [0x01, 0x02, 0, 0, 0, 7, 17, 3, 4, 0xDE, 0xAD, 0xBE, 0xEF]

    struct Case: CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        let error: ModbusError?
        var testDescription: String { name }
    }

    static func changed(_ place: Int, _ byte: UInt8) -> [UInt8] {
        var bytes = proper
        bytes[place] = byte
        return bytes
    }

    static let cases: [Case] = [
        Case(name: "the answer", bytes: proper, error: nil),
        Case(name: "another transaction, high byte", bytes: changed(0, 2), error: .badReply(.transaction)),
        Case(name: "another transaction, low byte", bytes: changed(1, 3), error: .badReply(.transaction)),
        // 0x0100 passes libmodbus 3.1.6, which joins its two tests with "and".
        Case(name: "protocol 0x0100", bytes: changed(2, 1), error: .badReply(.protocolID)),
        Case(name: "protocol 0x0001", bytes: changed(3, 1), error: .badReply(.protocolID)),
        Case(name: "another unit", bytes: changed(6, 18), error: .badReply(.unit)),
        Case(name: "another function", bytes: changed(7, 4), error: .badReply(.function)),
        Case(name: "a writing function", bytes: changed(7, 16), error: .badReply(.function)),
        Case(name: "header says more than came", bytes: changed(5, 9), error: .badReply(.length)),
        Case(name: "header says less than came", bytes: changed(5, 5), error: .badReply(.length)),
        Case(name: "header's high byte", bytes: changed(4, 1), error: .badReply(.length)),
        Case(
            name: "one register, all lengths agree", bytes: [1, 2, 0, 0, 0, 5, 17, 3, 2, 0xDE, 0xAD],
            error: .badReply(.byteCount)),
        Case(
            name: "three registers, all lengths agree", bytes: [1, 2, 0, 0, 0, 9, 17, 3, 6, 1, 2, 3, 4, 5, 6],
            error: .badReply(.byteCount)),
        Case(name: "byte count of another length", bytes: changed(8, 2), error: .badReply(.byteCount)),
        Case(name: "nothing", bytes: [], error: .badReply(.length)),
        Case(name: "a header alone", bytes: Array(proper[0..<7]), error: .badReply(.length)),
        Case(name: "exception 2", bytes: [1, 2, 0, 0, 0, 3, 17, 0x83, 2], error: .exception(2)),
        Case(name: "exception 11", bytes: [1, 2, 0, 0, 0, 3, 17, 0x83, 11], error: .exception(11)),
        Case(name: "exception 0", bytes: [1, 2, 0, 0, 0, 3, 17, 0x83, 0], error: .badReply(.exceptionForm)),
        Case(
            name: "exception of another function", bytes: [1, 2, 0, 0, 0, 3, 17, 0x84, 2], error: .badReply(.function)),
        Case(name: "exception of another unit", bytes: [1, 2, 0, 0, 0, 3, 16, 0x83, 2], error: .badReply(.unit)),
        Case(name: "exception with a wrong length", bytes: [1, 2, 0, 0, 0, 4, 17, 0x83, 2], error: .badReply(.length)),
        Case(name: "exception with more behind", bytes: [1, 2, 0, 0, 0, 4, 17, 0x83, 2, 2], error: .badReply(.length)),
    ]

    @Test(arguments: cases)
    func onlyTheAnswerIsBelieved(_ row: Case) throws {
        #expect(try verdict(row.bytes) == row.error)
    }

    /// Whatever single byte is wrong in front of the values, the reply is not believed.
    @Test func noSingleByteOfTheFrontCanBeWrong() throws {
        for place in 0..<ReplyCheck.payloadOffset {
            for value in UInt8.min...UInt8.max where value != Self.proper[place] {
                let error = try verdict(Self.changed(place, value))
                #expect(error != nil, "byte \(place) = \(value) passed")
            }
        }
    }

    private func verdict(_ bytes: [UInt8]) throws -> ModbusError? {
        let range = try #require(RegisterRange(table: .holding, start: 100, count: 2))
        let request = try #require(ReadRequest(unit: 17, range: range))
        return bytes.withUnsafeBufferPointer { buffer -> ModbusError? in
            do throws(ModbusError) {
                try ReplyCheck.check(buffer, answers: request, transaction: 0x0102)
                return nil
            } catch {
                return error
            }
        }
    }
}
