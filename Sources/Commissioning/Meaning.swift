import Acquisition
public import Plant

/// What some of the words that came would be, read as one type in one order.
public struct Meaning: Sendable {
    public let place: RegisterRange
    public let type: ValueType
    public let order: WordOrder
    /// The number as it is written; the cause, `not-decimal`, where the words are no such number.
    public let text: String
    /// The number; `nil` where there is none.
    public let number: Double?
    public let likelihood: Likelihood

    /// How well a meaning fits what is known.
    public enum Likelihood: String, Sendable, Hashable {
        case unknown
        /// A floating-point number of a size that measurements have: words in a wrong order mostly have not.
        case sane
        /// Within the limits that somebody gave.
        case fits
    }

    /// What the engineer expects to find.
    public struct Expectation: Sendable, Hashable {
        /// In engineering units.
        public let range: ClosedRange<Double>
        public let scale: Double
        public let offset: Double

        public init(range: ClosedRange<Double>, scale: Double = 1, offset: Double = 0) {
            self.range = range
            self.scale = scale
            self.offset = offset
        }

        /// A number that is next to nothing beside the width of the range is no measurement of it: words in a wrong order
        /// often make such floats, and every range around 0 holds them.
        static let resolution = 1e-9

        func holds(_ raw: Double) -> Bool {
            let value = raw * scale + offset
            let width = range.upperBound - range.lowerBound
            return range.contains(value) && (raw == 0 || value.magnitude >= width * Self.resolution)
        }
    }

    /// The magnitudes of measurements in engineering units: from the micro-units of a trace analyser to the counts of an
    /// energy meter.
    public static let saneMagnitudes = 1e-6...1e9

    /// The types that are looked at, by their width.
    public static let words: [ValueType] = [.uint16, .int16, .bcd16, .signmag16]
    public static let doubleWords: [ValueType] = [.float32, .int32, .uint32]
    public static let quadWords: [ValueType] = [.float64, .int64, .uint64]

    init(_ type: ValueType, _ order: WordOrder, at place: RegisterRange, _ wire: [UInt8], _ expectation: Expectation?) {
        // The daemon's own decoding, so that what looks right here is right there.
        let tag = Tag(
            id: 0, name: "", localName: "", controller: 0, registers: place, type: type, order: order, group: 0,
            slot: 0)
        let value = tag.decoded(wire)
        self.place = place
        self.type = type
        self.order = order
        guard !value.quality.isBad else {
            (text, number, likelihood) = (value.quality.name.dropping("bad:"), nil, .unknown)
            return
        }
        let number = type.rawNumber(value.bits)
        text = type.rawText(value.bits)
        self.number = number
        if let expectation {
            likelihood = expectation.holds(number) ? .fits : .unknown
        } else {
            likelihood = type.isFloat && Meaning.saneMagnitudes.contains(number.magnitude) ? .sane : .unknown
        }
    }

    /// Every type in every order at every register of a block of registers, by width, then place, type and order.
    ///
    /// - Parameter expectation: what is known of the value that begins at a place.
    public static func all(
        of wire: [UInt8], at block: RegisterRange, expecting expectation: (RegisterRange) -> Expectation? = { _ in nil }
    ) -> [Meaning] {
        guard !block.table.isBits, wire.count == block.count * 2 else { return [] }
        let widths: [(types: [ValueType], orders: [WordOrder])] = [
            (words, [.abcd]), (doubleWords, WordOrder.short), (quadWords, WordOrder.allCases),
        ]
        return widths.flatMap { types, orders in
            let count = types[0].registers
            return (0..<max(0, block.count - count + 1)).flatMap { index -> [Meaning] in
                guard let place = RegisterRange(table: block.table, start: Int(block.start) + index, count: count)
                else { return [] }
                let bytes = Array(wire[index * 2..<(index + count) * 2])
                let expected = expectation(place)
                return types.flatMap { type in orders.map { Meaning(type, $0, at: place, bytes, expected) } }
            }
        }
    }

    /// The block as text in one packing, with a dot for what cannot be printed.
    public static func text(of wire: [UInt8], _ packing: TextPacking) -> String {
        let characters = stride(from: 0, to: wire.count - 1, by: 2).flatMap { index -> [UInt8] in
            switch packing {
            case .highLow: [wire[index], wire[index + 1]]
            case .lowHigh: [wire[index + 1], wire[index]]
            case .high: [wire[index]]
            case .low: [wire[index + 1]]
            }
        }
        return String(decoding: characters.map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: ".") }, as: UTF8.self)
    }
}

extension String {
    fileprivate func dropping(_ prefix: String) -> String { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self }
}
