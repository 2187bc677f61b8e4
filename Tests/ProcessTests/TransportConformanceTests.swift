import Modbus
import Plant
import TestSupport
import Testing

/// Both transports against pymodbus, which shares no code and no author with them.
///
/// One request at a time: of requests that arrive together the server of pymodbus 3.16.1 answers the last alone (it
/// keeps one).
@Suite struct TransportConformanceTests {
    static let setUp = [
        "words holding 100 0001 8000 ffff cafe", "words input 200 1234 5678",
        "bits coil 300 1 0 1 1 0 0 0 1 1 0", "bits discrete 400 0 1",
    ]

    /// Table, start, count, and the bytes of the values.
    static let reads: [(RegisterTable, Int, Int, [UInt8])] = [
        (.holding, 100, 4, [0x00, 0x01, 0x80, 0x00, 0xFF, 0xFF, 0xCA, 0xFE]),
        (.holding, 103, 2, [0xCA, 0xFE, 0xDE, 0xAD]),
        (.input, 200, 2, [0x12, 0x34, 0x56, 0x78]),
        (.coil, 300, 10, [0b1000_1101, 0b01]),
        (.discrete, 401, 1, [1]),
        (.holding, 65_000, 125, (0..<125).flatMap { _ in [UInt8(0xDE), 0xAD] }),
        (.coil, 10_000, 2000, Array(repeating: 0, count: 250)),
    ]

    @Test func libmodbusReadsWhatPymodbusServes() throws {
        try check(LibmodbusTransport(interrupter: Interrupter()))
    }

    @Test func ourOwnFramingReadsWhatPymodbusServes() throws {
        try check(SocketTransport(interrupter: Interrupter()))
    }

    @Test func theFramesThatWereRecordedAreWhatWasRead() throws {
        let server = try PymodbusServer(Self.setUp)
        let frames = FrameLog(capacity: 1 << 16)
        var transport = SocketTransport(interrupter: Interrupter(), frames: frames)
        try transport.connect(to: endpoint(of: server), timeout: .seconds(10))
        let requests = try Self.reads.map { try request($0.0, $0.1, $0.2) }
        try transport.read(requests, depth: 1, timeout: .seconds(10)) { _, _ in }
        let values = frames.exchanges().map(\.values)
        let expected = Self.reads.map { Result<[UInt8], ModbusError>.success($0.3) }
        #expect(values == expected)
    }

    private func check<Transport: RegisterTransport & ~Copyable>(_ given: consuming Transport) throws {
        var transport = given
        let server = try PymodbusServer(Self.setUp)
        try transport.connect(to: endpoint(of: server), timeout: .seconds(10))
        let payload = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 250)
        defer { payload.deallocate() }
        for (table, start, count, expected) in Self.reads {
            let bytes = try transport.read(try request(table, start, count), timeout: .seconds(10), into: payload)
            #expect(Array(payload[..<bytes]) == expected, "\(table) \(start)")
        }
        // The last register of a table of 65 535 and one beyond: a refusal that keeps the connection.
        let beyond = try request(.holding, 65_534, 2)
        #expect(
            failure { () throws(ModbusError) in
                _ = try transport.read(beyond, timeout: .seconds(10), into: payload)
            } == .exception(2))
        let isConnected = transport.isConnected
        #expect(isConnected)
        try checkSeveral(&transport, beyond)
        let strays = transport.strays
        #expect(strays == 0)
        transport.close()
    }

    /// All of them and a refusal, again and again, in one call.
    private func checkSeveral<Transport: RegisterTransport & ~Copyable>(
        _ transport: inout Transport, _ beyond: ReadRequest
    ) throws {
        let round = try Self.reads.map { try request($0.0, $0.1, $0.2) } + [beyond]
        let requests = Array(repeatElement(round, count: 20).joined())
        var answered = Set<Int>()
        try transport.read(requests, depth: 1, timeout: .seconds(10)) { index, outcome in
            #expect(answered.insert(index).inserted)
            let place = index % round.count
            let expected = place < Self.reads.count ? .success(Self.reads[place].3) : Self.refused
            #expect(outcome.map { Array($0) } == expected)
        }
        #expect(answered.count == requests.count)
    }

    private static let refused = Result<[UInt8], ModbusError>.failure(.exception(2))

    private func failure(_ body: () throws(ModbusError) -> Void) -> ModbusError? {
        do throws(ModbusError) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    private func endpoint(of server: PymodbusServer) -> Endpoint {
        Endpoint(host: "127.0.0.1", port: UInt16(server.port))
    }

    private func request(_ table: RegisterTable, _ start: Int, _ count: Int) throws -> ReadRequest {
        let range = try #require(RegisterRange(table: table, start: start, count: count))
        return try #require(ReadRequest(unit: 1, range: range))
    }
}
