import CModbus
import Glibc
import Plant

/// A libmodbus client for tests, over IPv4 and IPv6.
final class ModbusClient {
    private let context: OpaquePointer

    struct Failure: Error, Equatable { let code: CInt }

    init(_ endpoint: Endpoint, unit: CInt = 1, timeout: UInt32 = 5) throws {
        guard let context = modbus_new_tcp_pi(endpoint.host, "\(endpoint.port)") else { throw Failure(code: errno) }
        self.context = context
        modbus_set_response_timeout(context, timeout, 0)
        modbus_set_slave(context, unit)
        guard modbus_connect(context) == 0 else { throw Failure(code: errno) }
    }

    deinit {
        modbus_close(context)
        modbus_free(context)
    }

    func setUnit(_ unit: CInt) { modbus_set_slave(context, unit) }

    func setTimeout(milliseconds: UInt32) {
        modbus_set_response_timeout(context, milliseconds / 1000, milliseconds % 1000 * 1000)
    }

    func read(_ start: CInt, _ count: Int, table: RegisterTable = .holding) throws -> [UInt16] {
        var words = [UInt16](repeating: 0, count: count)
        var bits = [UInt8](repeating: 0, count: count)
        let got =
            switch table {
            case .holding: modbus_read_registers(context, start, CInt(count), &words)
            case .input: modbus_read_input_registers(context, start, CInt(count), &words)
            case .coil: modbus_read_bits(context, start, CInt(count), &bits)
            case .discrete: modbus_read_input_bits(context, start, CInt(count), &bits)
            }
        guard got == CInt(count) else { throw Failure(code: errno) }
        return table.isBits ? bits.map(UInt16.init) : words
    }

    func float(_ start: CInt) throws -> Double {
        let words = try read(start, 2)
        return Double(Float(bitPattern: UInt32(words[0]) << 16 | UInt32(words[1])))
    }

    func write(_ start: CInt, _ value: UInt16) throws {
        guard modbus_write_register(context, start, value) == 1 else { throw Failure(code: errno) }
    }
}

/// libmodbus's error numbers: exceptions begin at this base (modbus.h, MODBUS_ENOBASE).
enum ModbusErrno {
    static let base: CInt = 112_345_678
    static let illegalFunction = base + 1
    static let illegalAddress = base + 2
    static let illegalValue = base + 3
}

/// A TCP connection that says whatever the test wants.
final class RawConnection {
    private let socket: CInt

    init(_ endpoint: Endpoint) throws {
        socket = Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = endpoint.port.bigEndian
        inet_pton(AF_INET, endpoint.host, &address.sin_addr)
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw ModbusClient.Failure(code: errno) }
    }

    deinit { close(socket) }

    func send(_ bytes: [UInt8]) -> Bool {
        Glibc.send(socket, bytes, bytes.count, CInt(MSG_NOSIGNAL)) == bytes.count
    }

    /// What arrives next; nothing when the peer has closed or reset the connection.
    func receive() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 300)
        let count = recv(socket, &bytes, bytes.count, 0)
        return Array(bytes.prefix(max(0, count)))
    }
}
