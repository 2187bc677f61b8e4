import Plant
import Testing

@testable import Modbus

@Suite struct ReadRequestTests {
    @Test(arguments: zip([RegisterTable.coil, .discrete, .holding, .input], [UInt8(1), 2, 3, 4]))
    func theFunctionCodeIsTheTables(table: RegisterTable, code: UInt8) throws {
        #expect(try wire(table, 0, 1)[7] == code)
    }

    @Test func theFrameIsThatOfTheProtocol() throws {
        // Modbus Messaging on TCP/IP Implementation Guide V1.0b, section 4.3: header of 7 bytes, then the PDU.
        let bytes = try wire(.holding, 0x8002, 125, unit: 255, transaction: 0xABCD)
        #expect(bytes == [0xAB, 0xCD, 0, 0, 0, 6, 255, 3, 0x80, 0x02, 0, 125])
    }

    @Test(arguments: [
        (RegisterTable.holding, 125, true), (.holding, 126, false), (.input, 126, false), (.coil, 2000, true),
        (.coil, 2001, false), (.discrete, 2001, false),
    ])
    func nothingLargerThanTheProtocolAllowsCanBeAsked(table: RegisterTable, count: Int, allowed: Bool) throws {
        let range = try #require(RegisterRange(table: table, start: 0, count: count))
        #expect((ReadRequest(unit: 1, range: range) != nil) == allowed)
    }

    @Test(arguments: [(RegisterTable.coil, 1, 1), (.coil, 8, 1), (.discrete, 9, 2), (.holding, 9, 18)])
    func aPayloadIsTwoBytesARegisterOrEightBitsAByte(table: RegisterTable, count: Int, bytes: Int) throws {
        let range = try #require(RegisterRange(table: table, start: 0, count: count))
        #expect(ReadRequest(unit: 1, range: range)?.payloadBytes == bytes)
    }

    private func wire(
        _ table: RegisterTable, _ start: Int, _ count: Int, unit: UInt8 = 1, transaction: UInt16 = 1
    ) throws -> [UInt8] {
        let range = try #require(RegisterRange(table: table, start: start, count: count))
        let request = try #require(ReadRequest(unit: unit, range: range))
        var bytes = [UInt8](repeating: 0xFF, count: ReadRequest.wireBytes)
        bytes.withUnsafeMutableBufferPointer { request.encode(transaction: transaction, into: $0) }
        return bytes
    }
}
