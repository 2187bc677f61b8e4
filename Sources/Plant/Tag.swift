/// What the registers of a tag hold.
public enum ValueType: Hashable, Sendable {
    case bool
    case int16, uint16, int32, uint32, int64, uint64
    case float32, float64
    /// Two characters a register, high byte first, ended by NUL or the last register.
    case string(registers: Int)

    /// Registers the value spans (a bool in a register table lives in a bit of one).
    public var registers: Int {
        switch self {
        case .bool, .int16, .uint16: 1
        case .int32, .uint32, .float32: 2
        case .int64, .uint64, .float64: 4
        case .string(let registers): registers
        }
    }

    public var isFloat: Bool { self == .float32 || self == .float64 }
    public var isSigned: Bool { self == .int16 || self == .int32 || self == .int64 }
    public var isString: Bool { if case .string = self { true } else { false } }
}

extension ValueType: CustomStringConvertible {
    public var description: String {
        switch self {
        case .string(let registers): "string(\(registers))"
        case .bool: "bool"
        case .int16: "int16"
        case .uint16: "uint16"
        case .int32: "int32"
        case .uint32: "uint32"
        case .int64: "int64"
        case .uint64: "uint64"
        case .float32: "float32"
        case .float64: "float64"
        }
    }
}

/// One measured or reported value of the plant, and where it lives in its controller.
public struct Tag: Sendable, Identifiable {
    /// The index in `Plant.tags`: dense, in the order of the configuration, and only good while that plant is loaded.
    public typealias ID = Int

    public let id: ID
    /// The full name, `F-01.melt_temp`.
    public let name: String
    /// The name within its controller, `melt_temp`.
    public let localName: String
    public let description: String?
    /// The engineering unit as the configuration writes it, `degC`.
    public let unit: String?
    public let controller: Controller.ID
    public let registers: RegisterRange
    /// The bit of the register, 0 = least significant, for a `bool` in a register table.
    public let bit: Int?
    public let type: ValueType
    public let order: WordOrder
    /// Engineering value = raw x scale + offset.
    public let scale: Double
    public let offset: Double
    /// Engineering limits of what the sensor can report; outside, the reading is bad.
    public let range: ClosedRange<Double>?
    /// Raw values that mean "no measurement".
    public let invalid: [Double]
    /// Names of the values of a discrete tag, `70: soak`.
    public let states: [Int: String]
    /// The only raw value that shows the register layout to be the expected one.
    public let expect: Double?
    /// The scan group that reads it, and its place there.
    public let group: ScanGroup.ID
    public let slot: Int

    public init(
        id: ID, name: String, localName: String, description: String? = nil, unit: String? = nil,
        controller: Controller.ID, registers: RegisterRange, bit: Int? = nil, type: ValueType,
        order: WordOrder = .abcd, scale: Double = 1, offset: Double = 0, range: ClosedRange<Double>? = nil,
        invalid: [Double] = [], states: [Int: String] = [:], expect: Double? = nil,
        group: ScanGroup.ID, slot: Int
    ) {
        self.id = id
        self.name = name
        self.localName = localName
        self.description = description
        self.unit = unit
        self.controller = controller
        self.registers = registers
        self.bit = bit
        self.type = type
        self.order = order
        self.scale = scale
        self.offset = offset
        self.range = range
        self.invalid = invalid
        self.states = states
        self.expect = expect
        self.group = group
        self.slot = slot
    }

    /// True when the raw value is the engineering value, so that integers can be shown and kept exactly.
    @inlinable public var isUnscaled: Bool { scale == 1 && offset == 0 }
    /// True when the value never lies between two of its values: booleans, enumerations, text.
    public var isDiscrete: Bool { type == .bool || type.isString || !states.isEmpty }
}
