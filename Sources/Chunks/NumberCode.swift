import Plant

/// The shortest of the ways to write a column of numbers.
struct NumberCode {
    let coding: Coding
    let form: NumberForm
    /// The column as whole numbers when it holds nothing else: what statistics can be exact for.
    let wholes: [Int64]?
    /// Everything behind the header: for floats a byte, then the coding's own.
    private let payload: [UInt8]

    private init(
        _ coding: Coding, _ form: NumberForm, wholes: [Int64]?, argument: UInt8? = nil, payload: [UInt8]
    ) {
        (self.coding, self.form, self.wholes) = (coding, form, wholes)
        self.payload = (argument.map { [$0] } ?? []) + payload
    }

    /// - Parameter bits: raw numbers as in `ValueType.rawNumber`, one at least.
    static func shortest(_ bits: [UInt64], _ type: ValueType) -> NumberCode {
        guard !type.isFloat else { return shortest(floats: bits, type) }
        let integers = bits.map(Int64.init(bitPattern:))
        let code = IntegerCode(integers)
        let isWithin = type.isSigned || integers.allSatisfy { $0 >= 0 }
        return NumberCode(
            code.coding, .integer, wholes: isWithin ? integers : nil, payload: code.encoded(integers))
    }

    private static func shortest(floats bits: [UInt64], _ type: ValueType) -> NumberCode {
        let order = FloatBits(type, common: bits)
        var (form, argument, integers) = (NumberForm.floatBits, UInt8(order.shift), bits.map(order.integer))
        var code = IntegerCode(integers)
        var wholes: [Int64]?
        if let (decimals, scaled) = Decimals.find(type, bits) {
            if decimals.places == 0 { wholes = scaled }
            let decimalCode = IntegerCode(scaled)
            if decimalCode.bits <= code.bits {
                (form, argument, integers, code) = (.decimal, UInt8(decimals.places), scaled, decimalCode)
            }
        }
        if code.coding != .constant, let changes = ExclusiveCode.encode(bits, limit: code.bits - 1) {
            return NumberCode(.exclusive, .integer, wholes: wholes, payload: changes)
        }
        return NumberCode(
            code.coding, form, wholes: wholes, argument: argument, payload: code.encoded(integers))
    }

    func write(_ writer: inout ByteWriter) { writer.append(payload) }
}

extension NumberCode {
    /// As many raw numbers as there is room for, one at least.
    static func read(
        _ header: ChunkHeader, _ type: ValueType, _ reader: inout ByteReader,
        into bits: UnsafeMutableBufferPointer<UInt64>
    ) throws(ChunkError) {
        guard header.coding != .exclusive else {
            try ExclusiveCode.read(&reader, into: bits)
            return
        }
        guard header.form != .integer else {
            try IntegerCode.read(header.coding, &reader, into: bits)
            return
        }
        guard type.isFloat else { throw .damaged("floats where values of type \(type) are expected") }
        let argument = Int(try reader.byte())
        try IntegerCode.read(header.coding, &reader, into: bits)
        if header.form == .decimal {
            guard argument <= Decimals.placesMax else {
                throw .damaged("\(argument) decimal places, expected 0...\(Decimals.placesMax)")
            }
            let decimals = Decimals(type, places: argument)
            for index in bits.indices { bits[index] = decimals.bits(Int64(bitPattern: bits[index])) }
        } else {
            let order = FloatBits(type, shift: argument)
            guard order.isValid else { throw .damaged("\(argument) zeros at the end of a \(type)") }
            for index in bits.indices { bits[index] = order.bits(Int64(bitPattern: bits[index])) }
        }
    }
}
