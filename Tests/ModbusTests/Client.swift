import Plant
import Testing

@testable import Modbus

/// The transports that every case of the conformance suite runs against.
enum TransportKind: CaseIterable, CustomTestStringConvertible {
    case libmodbus, socket

    var testDescription: String { self == .libmodbus ? "libmodbus" : "socket" }

    func client(_ interrupter: Interrupter = Interrupter(), frames: FrameLog? = nil) -> Client {
        switch self {
        case .libmodbus: Box(LibmodbusTransport(interrupter: interrupter, frames: frames))
        case .socket: Box(SocketTransport(interrupter: interrupter, frames: frames))
        }
    }
}

/// A transport that `#expect` can look into.
class Client {
    /// One answered request of several.
    struct Answer: Equatable {
        let index: Int
        let outcome: Result<[UInt8], ModbusError>
    }

    var isConnected: Bool { false }
    var strays: Int { 0 }

    func connect(_ endpoint: Endpoint) throws(ModbusError) {}
    func close() {}
    func read(
        _ request: ReadRequest, timeout: Duration, into payload: UnsafeMutableBufferPointer<UInt8>
    ) throws(ModbusError) -> Int { 0 }
    func read(
        _ requests: [ReadRequest], depth: Int, timeout: Duration, answer: (Answer) -> Void
    ) throws(ModbusError) {}

    func read(
        _ table: RegisterTable, _ start: Int, _ count: Int, unit: UInt8 = 1, timeout: Duration = .seconds(10)
    ) throws -> [UInt8] {
        let request = try request(table, start, count, unit: unit)
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 250)
        defer { buffer.deallocate() }
        let bytes = try read(request, timeout: timeout, into: buffer)
        return Array(buffer[..<bytes])
    }

    /// The error of a read of holding registers from 7 on; `nil` when it gave values.
    func failure(count: Int = 1, timeout: Duration = .seconds(10)) -> ModbusError? {
        do {
            _ = try read(.holding, 7, count, timeout: timeout)
            return nil
        } catch {
            return error as? ModbusError
        }
    }

    /// What was answered before the end, and the error that was the end.
    func answers(
        _ requests: [ReadRequest], depth: Int, timeout: Duration = .seconds(10)
    ) -> (all: [Answer], end: ModbusError?) {
        var all: [Answer] = []
        do throws(ModbusError) {
            try read(requests, depth: depth, timeout: timeout) { all.append($0) }
            return (all, nil)
        } catch {
            return (all, error)
        }
    }
}

func request(_ table: RegisterTable, _ start: Int, _ count: Int, unit: UInt8 = 1) throws -> ReadRequest {
    let range = try #require(RegisterRange(table: table, start: start, count: count))
    return try #require(ReadRequest(unit: unit, range: range))
}

final class Box<Transport: RegisterTransport & ~Copyable>: Client {
    private var transport: Transport

    init(_ transport: consuming Transport) { self.transport = transport }

    override var isConnected: Bool { transport.isConnected }
    override var strays: Int { transport.strays }

    override func connect(_ endpoint: Endpoint) throws(ModbusError) {
        try transport.connect(to: endpoint, timeout: .seconds(10))
    }

    override func close() { transport.close() }

    override func read(
        _ request: ReadRequest, timeout: Duration, into payload: UnsafeMutableBufferPointer<UInt8>
    ) throws(ModbusError) -> Int {
        try transport.read(request, timeout: timeout, into: payload)
    }

    override func read(
        _ requests: [ReadRequest], depth: Int, timeout: Duration, answer: (Client.Answer) -> Void
    ) throws(ModbusError) {
        try transport.read(requests, depth: depth, timeout: timeout) { index, outcome in
            answer(Client.Answer(index: index, outcome: outcome.map { Array($0) }))
        }
    }
}
