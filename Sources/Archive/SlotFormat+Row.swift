package import Plant

extension SlotFormat {
    /// From the columns period_ms, slot, type, scale, offset, stepped, counter, the first of which is `first`; `nil`
    /// when the type is none that this version knows.
    init?(_ statement: Statement, tag: Int64, index: Int, from first: Int32) {
        guard let name = statement.string(first + 2), let type = ValueType(storedAs: name) else { return nil }
        let isCounter = statement.int(first + 6) != 0
        self.init(
            tag: tag, index: index, slot: Int(clamping: statement.int(first + 1)), type: type,
            scale: statement.double(first + 3), offset: statement.double(first + 4) ?? 0,
            isStepped: statement.int(first + 5) != 0 || isCounter || type == .bool || type.isString,
            isCounter: isCounter,
            period: max(1, statement.int(first)))
    }
}

extension ValueType {
    /// The type of a name that the history keeps, `float32` or `string(8)`.
    package init?(storedAs name: String) {
        if let type = ValueType.plain[name] {
            self = type
        } else if name.hasPrefix("string("), let registers = Int(name.dropFirst(7).dropLast()) {
            self = .string(registers: registers)
        } else {
            return nil
        }
    }

    private static let plain: [String: ValueType] = {
        let types: [ValueType] = [
            .bool, .int16, .uint16, .int32, .uint32, .int64, .uint64, .float32, .float64, .bcd16, .bcd32, .signmag16,
            .signmag32,
        ]
        return Dictionary(types.map { ($0.description, $0) }) { first, _ in first }
    }()
}
