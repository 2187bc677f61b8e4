/// The four Modbus tables, each with the one function code that reads it. There is no other function code in Cupel.
public enum RegisterTable: String, Hashable, Sendable, CaseIterable, Comparable {
    case coil, discrete, input, holding

    /// Modbus Application Protocol V1.1b3, sections 6.1-6.4.
    public var function: UInt8 {
        switch self {
        case .coil: 1
        case .discrete: 2
        case .holding: 3
        case .input: 4
        }
    }

    /// True for the two tables of single bits.
    public var isBits: Bool { self == .coil || self == .discrete }

    /// The most items one request may ask for: 2 000 bits or 125 registers (V1.1b3, sections 6.1 and 6.3).
    public var protocolLimit: Int { isBits ? 2000 : 125 }

    /// The digit of the old Modicon notation.
    public var modiconDigit: Int {
        switch self {
        case .coil: 0
        case .discrete: 1
        case .input: 3
        case .holding: 4
        }
    }

    public static func < (a: Self, b: Self) -> Bool { a.function < b.function }
}

/// How a profile writes register numbers. In memory there are only zero-based wire addresses.
public enum AddressNotation: String, Hashable, Sendable, CaseIterable {
    case zeroBased = "zero-based"
    case oneBased = "one-based"
    case modicon
}

/// A run of items in one table. It cannot be built outside 0...65 535, nor empty.
public struct RegisterRange: Hashable, Sendable {
    public let table: RegisterTable
    /// The first wire address, zero-based.
    public let start: UInt16
    /// Registers, or bits for the bit tables: at least 1.
    public let count: Int

    public init?(table: RegisterTable, start: Int, count: Int) {
        guard start >= 0, count >= 1, start + count <= 65_536 else { return nil }
        (self.table, self.start, self.count) = (table, UInt16(start), count)
    }

    /// One past the last wire address.
    public var end: Int { Int(start) + count }

    public func overlaps(_ other: RegisterRange) -> Bool {
        table == other.table && Int(start) < other.end && Int(other.start) < end
    }
}

extension RegisterRange: CustomStringConvertible {
    /// All the forms people use for the same place: `holding:10 (0x000A, 40011, 4x00011)`.
    public var description: String {
        let number = Int(start) + 1
        let digits = String(number)
        let pad = String(repeating: "0", count: max(0, (number > 9999 ? 5 : 4) - digits.count))
        let hex = String(start, radix: 16, uppercase: true)
        let hexPad = String(repeating: "0", count: 4 - hex.count)
        return "\(table.rawValue):\(start) (0x\(hexPad)\(hex), \(table.modiconDigit)\(pad)\(digits), "
            + "\(table.modiconDigit)x\(String(repeating: "0", count: max(0, 5 - digits.count)))\(digits))"
    }
}

/// The order of the bytes of a value that spans registers, named after where the bytes of 0xABCD... arrive.
///
/// An order is three independent swaps: of the bytes of a word, of the words of 32 bits, of the halves of 64 bits. The
/// four short names stand for values of 32 bits, and for 64 bits for all words alike; the four long ones are the
/// mixed orders that only 64 bits can have.
public enum WordOrder: String, Hashable, Sendable, CaseIterable {
    /// Big-endian, the high word first: Eurotherm, Schneider, Siemens S7. `abcdefgh`.
    case abcd
    /// The low word first, each word big-endian: Watlow F4T, Vaisala. `ghefcdab`.
    case cdab
    /// The high word first, the bytes of each word swapped. `badcfehg`.
    case badc
    /// Little-endian throughout. `hgfedcba`.
    case dcba
    /// The high half first, the low word first in each half.
    case cdabghef
    /// The low half first, big-endian in each half.
    case efghabcd
    /// The high half first, each half little-endian.
    case dcbahgfe
    /// The low half first, the bytes of each word swapped.
    case fehgbadc

    /// The orders that a value of 32 bits can have.
    public static let short: [WordOrder] = [.abcd, .cdab, .badc, .dcba]

    /// The bytes of each word are swapped.
    public var swapsBytes: Bool { self == .badc || self == .dcba || self == .dcbahgfe || self == .fehgbadc }
    /// The low word of each 32 bits comes first.
    public var swapsWords: Bool { self == .cdab || self == .dcba || self == .cdabghef || self == .dcbahgfe }
    /// The low half of 64 bits comes first.
    public var swapsHalves: Bool { self == .cdab || self == .dcba || self == .efghabcd || self == .fehgbadc }

    /// The order with all eight letters: what a list of 64-bit values shows.
    public var longName: String {
        switch self {
        case .abcd: "abcdefgh"
        case .cdab: "ghefcdab"
        case .badc: "badcfehg"
        case .dcba: "hgfedcba"
        case .cdabghef, .efghabcd, .dcbahgfe, .fehgbadc: rawValue
        }
    }
}

/// How the characters of a text lie in its registers.
public enum TextPacking: String, Hashable, Sendable, CaseIterable {
    /// Two a register, the first in the high byte: most instruments.
    case highLow = "high-low"
    /// Two a register, the first in the low byte.
    case lowHigh = "low-high"
    /// One a register, in its high byte.
    case high
    /// One a register, in its low byte.
    case low
}
