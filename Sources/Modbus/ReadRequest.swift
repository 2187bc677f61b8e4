public import Plant

/// One read of one unit. It is the only request there is, and its function code comes from its table: no other code
/// can be formed.
public struct ReadRequest: Hashable, Sendable {
    /// The unit identifier, 0...255.
    public let unit: UInt8
    /// What to read; never more than the table's `protocolLimit`.
    public let range: RegisterRange

    /// - Returns: nil when one request cannot ask for that much (Modbus Application Protocol V1.1b3, section 6).
    public init?(unit: UInt8, range: RegisterRange) {
        guard range.count <= range.table.protocolLimit else { return nil }
        (self.unit, self.range) = (unit, range)
    }

    /// Reads a request as it left.
    ///
    /// - Returns: nil for anything but a proper request.
    init?(wire: [UInt8]) {
        guard wire.count == ReadRequest.wireBytes, Array(wire[2..<6]) == [0, 0, 0, 6],
            let table = RegisterTable.allCases.first(where: { $0.function == wire[7] }),
            let range = RegisterRange(
                table: table, start: Int(wire[8]) << 8 | Int(wire[9]), count: Int(wire[10]) << 8 | Int(wire[11]))
        else { return nil }
        self.init(unit: wire[6], range: range)
    }

    /// Bytes of values in a proper reply: two a register, or eight bits a byte.
    public var payloadBytes: Int { range.table.isBits ? (range.count + 7) / 8 : range.count * 2 }

    /// Bytes of a request on the wire: the MBAP header and five bytes of read.
    static let wireBytes = 12

    /// Writes the request as it leaves.
    ///
    /// - Precondition: `wire` has room for `wireBytes`.
    func encode(transaction: UInt16, into wire: UnsafeMutableBufferPointer<UInt8>) {
        let start = range.start
        let count = UInt16(range.count)
        wire[0] = UInt8(truncatingIfNeeded: transaction >> 8)
        wire[1] = UInt8(truncatingIfNeeded: transaction)
        wire[2] = 0
        wire[3] = 0
        wire[4] = 0
        wire[5] = 6
        wire[6] = unit
        wire[7] = range.table.function
        wire[8] = UInt8(truncatingIfNeeded: start >> 8)
        wire[9] = UInt8(truncatingIfNeeded: start)
        wire[10] = UInt8(truncatingIfNeeded: count >> 8)
        wire[11] = UInt8(truncatingIfNeeded: count)
    }
}
