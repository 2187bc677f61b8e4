import Plant

/// Decides whether the bytes that came are the answer to what was asked, before one value of them is believed.
///
/// libmodbus 3.1.6 checks neither the unit nor the header's length, and lets protocol identifier 0x0100 pass
/// (measured); the frame it collects follows the function code and the byte count, so both lengths must agree.
package enum ReplyCheck {
    /// The header's length counts the bytes from the unit on.
    static let lengthFrom = 6
    /// The values begin behind the header, the function code and the byte count.
    package static let payloadOffset = 9

    /// - Throws: `badReply` for anything that is no answer, `exception` for a proper refusal.
    package static func check(
        _ adu: UnsafeBufferPointer<UInt8>, answers request: ReadRequest, transaction: UInt16
    ) throws(ModbusError) {
        // A header, a function code and one byte more are the least a reply has.
        guard adu.count >= payloadOffset else { throw .badReply(.length) }
        guard word(adu, 2) == 0 else { throw .badReply(.protocolID) }
        guard word(adu, 0) == transaction else { throw .badReply(.transaction) }
        guard adu[6] == request.unit else { throw .badReply(.unit) }
        let function = request.range.table.function
        guard adu[7] & 0x7F == function else { throw .badReply(.function) }
        guard Int(word(adu, 4)) == adu.count - lengthFrom else { throw .badReply(.length) }
        if adu[7] != function {
            guard adu.count == payloadOffset else { throw .badReply(.length) }
            guard adu[8] != 0 else { throw .badReply(.exceptionForm) }
            throw .exception(adu[8])
        }
        guard Int(adu[8]) == request.payloadBytes, adu.count == payloadOffset + request.payloadBytes else {
            throw .badReply(.byteCount)
        }
    }

    private static func word(_ adu: UnsafeBufferPointer<UInt8>, _ offset: Int) -> UInt16 {
        UInt16(adu[offset]) << 8 | UInt16(adu[offset + 1])
    }
}
