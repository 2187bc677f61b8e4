/// What the registers of a tag hold.
public enum ValueType: Hashable, Sendable {
    case bool
    case int16, uint16, int32, uint32, int64, uint64
    case float32, float64
    /// Binary-coded decimal: a digit in each four bits, 0...9 999 and 0...99 999 999.
    case bcd16, bcd32
    /// A sign in the highest bit and the magnitude in the others.
    case signmag16, signmag32
    /// Text in so many registers, ended by NUL or the last register; see `TextPacking`.
    case string(registers: Int)

    /// Registers the value spans (a bool in a register table lives in a bit of one).
    public var registers: Int {
        switch self {
        case .bool, .int16, .uint16, .bcd16, .signmag16: 1
        case .int32, .uint32, .float32, .bcd32, .signmag32: 2
        case .int64, .uint64, .float64: 4
        case .string(let registers): registers
        }
    }

    public var isFloat: Bool { self == .float32 || self == .float64 }
    public var isSigned: Bool {
        switch self {
        case .int16, .int32, .int64, .signmag16, .signmag32: true
        case .bool, .uint16, .uint32, .uint64, .float32, .float64, .bcd16, .bcd32, .string: false
        }
    }
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
        case .bcd16: "bcd16"
        case .bcd32: "bcd32"
        case .signmag16: "signmag16"
        case .signmag32: "signmag32"
        }
    }
}

/// One measured or reported value of the plant, and where it comes from: registers of its controller, a formula over
/// other tags, or Cupel's own counters.
public struct Tag: Sendable, Hashable, Identifiable {
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
    /// Where its controller keeps it; `nil` for a tag that is not read.
    public let registers: RegisterRange?
    /// The bits of the register that hold it, 0 = least significant; one of them for a `bool`, `nil` for all.
    public let bits: ClosedRange<Int>?
    public let type: ValueType
    public let order: WordOrder
    public let packing: TextPacking
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
    /// When a number that came is less than good.
    public let rules: TagRules
    /// Tags of one controller with the same number here are always read in one request.
    public let together: Int?
    /// What it is calculated from, for a tag that is not read but computed with each scan of its group.
    public let formula: Formula?
    /// Which of Cupel's own counters it shows, for a diagnostic tag.
    public let diagnostic: Diagnostic?
    /// The scan group that brings it, and its place there.
    public let group: ScanGroup.ID
    public let slot: Int
    /// Its value jumps from one reading to the next although it is a number: a setpoint, a recipe's target.
    public let isStepped: Bool
    /// The step, in engineering units, to which a floating-point value is rounded when it is kept; `nil` keeps its
    /// bits. An instrument that is good for 0.1 degC fills the other digits with noise, and noise does not compress.
    public let resolution: Double?

    public init(
        id: ID, name: String, localName: String, description: String? = nil, unit: String? = nil,
        controller: Controller.ID, registers: RegisterRange?, bit: Int? = nil, bits: ClosedRange<Int>? = nil,
        type: ValueType, order: WordOrder = .abcd, packing: TextPacking = .highLow, scale: Double = 1,
        offset: Double = 0, range: ClosedRange<Double>? = nil, invalid: [Double] = [], states: [Int: String] = [:],
        expect: Double? = nil, rules: TagRules = TagRules(), together: Int? = nil, formula: Formula? = nil,
        diagnostic: Diagnostic? = nil, group: ScanGroup.ID, slot: Int, isStepped: Bool = false,
        resolution: Double? = nil
    ) {
        self.id = id
        self.name = name
        self.localName = localName
        self.description = description
        self.unit = unit
        self.controller = controller
        self.registers = registers
        self.bits = bits ?? bit.map { $0...$0 }
        self.type = type
        self.order = order
        self.packing = packing
        self.scale = scale
        self.offset = offset
        self.range = range
        self.invalid = invalid
        self.states = states
        self.expect = expect
        self.rules = rules
        self.together = together
        self.formula = formula
        self.diagnostic = diagnostic
        self.group = group
        self.slot = slot
        self.isStepped = isStepped
        self.resolution = resolution
    }

    /// The bit of a `bool` in a register table.
    public var bit: Int? { type == .bool ? bits?.lowerBound : nil }
    /// True when the raw value is the engineering value, so that integers can be shown and kept exactly.
    @inlinable public var isUnscaled: Bool { scale == 1 && offset == 0 }
    /// True when the value never lies between two of its values: booleans, enumerations, text.
    public var isDiscrete: Bool { type == .bool || type.isString || !states.isEmpty }
    /// True when a value stands until the next one, instead of lying on a straight line towards it.
    public var holdsItsValue: Bool { isStepped || isDiscrete || rules.isCounter }
    /// The place in every form, with the bits: `holding:7 (0x0007, 40008, 4x00008) bit 3`, or what it is instead.
    public var placeText: String {
        guard let registers else { return formula.map { "= \($0.text)" } ?? "diagnostic" }
        guard let bits else { return registers.description }
        return bits.count == 1
            ? "\(registers) bit \(bits.lowerBound)" : "\(registers) bits \(bits.lowerBound)-\(bits.upperBound)"
    }
}
