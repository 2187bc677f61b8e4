import CModbus
import Glibc
import Plant

/// libmodbus's server side for one endpoint: takes one request from a socket, answers it from a register image.
///
/// One thread owns it, as libmodbus demands of a context.
struct ModbusServer: ~Copyable {
    /// How long a request may take from its first byte to its last: all clients of the endpoint wait meanwhile.
    static let requestTimeout: UInt32 = 200_000
    /// MBAP: two bytes transaction, two protocol, two length, one unit; then the function.
    private static let unitAt = 6
    private static let functionAt = 7

    /// A request as it arrived.
    struct Request {
        fileprivate let bytes: [UInt8]
        fileprivate let count: CInt

        var unit: UInt8 { bytes[ModbusServer.unitAt] }
        var function: UInt8 { bytes[ModbusServer.functionAt] }
        /// The table, when the function is one of the four that read.
        var table: RegisterTable? { RegisterTable.allCases.first { $0.function == function } }
        fileprivate var quantity: Int { Int(bytes[10]) << 8 | Int(bytes[11]) }
    }

    private let context: OpaquePointer

    init?() {
        guard let context = modbus_new_tcp("127.0.0.1", 0) else { return nil }
        self.context = context
        modbus_set_error_recovery(context, MODBUS_ERROR_RECOVERY_NONE)
        modbus_set_indication_timeout(context, 0, Self.requestTimeout)
        // None: a byte timeout starts again with every byte (libmodbus 3.1.6, measured), so the whole had no limit.
        modbus_set_byte_timeout(context, 0, 0)
    }

    deinit { modbus_free(context) }

    /// Takes the request that waits in a socket; `nil` when the connection is over or its framing is lost.
    func receive(from socket: CInt) -> Request? {
        modbus_set_socket(context, socket)
        var bytes = [UInt8](repeating: 0, count: Int(MODBUS_TCP_MAX_ADU_LENGTH))
        let count = modbus_receive(context, &bytes)
        // libmodbus frames by the function code and ignores the length field (3.1.6, measured), so it is checked here.
        guard count > Self.functionAt, Int(bytes[4]) << 8 | Int(bytes[5]) == Int(count) - 6 else { return nil }
        return Request(bytes: bytes, count: count)
    }

    /// Answers a request to read.
    ///
    /// - Parameter largest: the most registers in one block that the controller answers.
    /// - Returns: false when the connection is over.
    func answer(_ request: Request, table: RegisterTable, on socket: CInt, from mapping: Mapping, largest: Int)
        -> Bool
    {
        modbus_set_socket(context, socket)
        let limit = min(table.protocolLimit, table.isBits ? largest * 16 : largest)
        // Refused here: libmodbus would answer the same, but sleeps half a second before (3.1.6 source, modbus_reply).
        guard (1...max(1, limit)).contains(request.quantity) else {
            return refuse(request, on: socket, exception: MODBUS_EXCEPTION_ILLEGAL_DATA_VALUE)
        }
        return modbus_reply(context, request.bytes, request.count, mapping.pointer) >= 0
    }

    /// Answers anything else: a simulated controller takes no orders either.
    func refuse(_ request: Request, on socket: CInt) -> Bool {
        refuse(request, on: socket, exception: MODBUS_EXCEPTION_ILLEGAL_FUNCTION)
    }

    private func refuse<Code: BinaryInteger>(_ request: Request, on socket: CInt, exception: Code) -> Bool {
        modbus_set_socket(context, socket)
        return modbus_reply_exception(context, request.bytes, UInt32(exception)) >= 0
    }
}

/// A register image in the form libmodbus replies from. Owns the memory.
final class Mapping {
    let pointer: UnsafeMutablePointer<modbus_mapping_t>

    init?(_ image: RegisterImage) {
        func span(_ table: RegisterTable) -> (UInt32, UInt32) {
            (UInt32(image[table].start), UInt32(image[table].words.count))
        }
        let (coils, discretes, inputs, holdings) = (span(.coil), span(.discrete), span(.input), span(.holding))
        guard
            let pointer = modbus_mapping_new_start_address(
                coils.0, coils.1, discretes.0, discretes.1, holdings.0, holdings.1, inputs.0, inputs.1)
        else { return nil }
        self.pointer = pointer
    }

    deinit { modbus_mapping_free(pointer) }

    /// Takes over what the controller shows now.
    func copy(_ image: RegisterImage) {
        Self.copy(image[.coil].words, bits: pointer.pointee.tab_bits)
        Self.copy(image[.discrete].words, bits: pointer.pointee.tab_input_bits)
        Self.copy(image[.holding].words, words: pointer.pointee.tab_registers)
        Self.copy(image[.input].words, words: pointer.pointee.tab_input_registers)
    }

    private static func copy(_ words: [UInt16], bits: UnsafeMutablePointer<UInt8>?) {
        guard let bits else { return }
        for (index, word) in words.enumerated() { bits[index] = UInt8(truncatingIfNeeded: word) }
    }

    private static func copy(_ words: [UInt16], words target: UnsafeMutablePointer<UInt16>?) {
        guard let target else { return }
        words.withUnsafeBufferPointer { words in
            if let base = words.baseAddress { target.update(from: base, count: words.count) }
        }
    }
}
