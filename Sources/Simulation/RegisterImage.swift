public import Plant

/// The four Modbus tables of one controller, as its memory holds them.
///
/// Each table spans its first to its last tag. What lies between tags reads as zero, as in a real PLC; what lies
/// outside does not exist, and reading it is exception 2.
public struct RegisterImage: Hashable, Sendable {
    /// One table: words, or bits as 0 and 1.
    public struct Bank: Hashable, Sendable {
        public internal(set) var start = 0
        public internal(set) var words: [UInt16] = []
    }

    private var coils = Bank()
    private var discretes = Bank()
    private var inputs = Bank()
    private var holdings = Bank()

    public init(tags: some Sequence<Tag>) {
        var spans: [RegisterTable: Range<Int>] = [:]
        for range in tags.lazy.compactMap(\.registers) {
            let span = spans[range.table] ?? Int(range.start)..<range.end
            spans[range.table] = min(span.lowerBound, Int(range.start))..<max(span.upperBound, range.end)
        }
        for (table, span) in spans {
            self[table] = Bank(start: span.lowerBound, words: [UInt16](repeating: 0, count: span.count))
        }
    }

    public private(set) subscript(table: RegisterTable) -> Bank {
        get {
            switch table {
            case .coil: coils
            case .discrete: discretes
            case .input: inputs
            case .holding: holdings
            }
        }
        _modify {
            switch table {
            case .coil: yield &coils
            case .discrete: yield &discretes
            case .input: yield &inputs
            case .holding: yield &holdings
            }
        }
    }

    /// Stores raw bits where the tag lives: some bits of its register, one item of a bit table, or all its registers.
    /// A tag that is not read has no place, and nothing happens.
    ///
    /// - Precondition: the tag was among those of `init`.
    public mutating func store(_ bits: UInt64, of tag: Tag) {
        guard let registers = tag.registers else { return }
        if let field = tag.bits {
            let at = Int(registers.start) - self[registers.table].start
            let mask = UInt16(truncatingIfNeeded: (1 << UInt32(field.count)) - 1) << UInt16(field.lowerBound)
            self[registers.table].words[at] &= ~mask
            self[registers.table].words[at] |=
                UInt16(truncatingIfNeeded: bits << UInt64(field.lowerBound)) & mask
        } else if registers.table.isBits {
            write((0..<registers.count).map { UInt16(truncatingIfNeeded: bits >> UInt64($0) & 1) }, to: registers)
        } else {
            write(tag.words(of: bits), to: registers)
        }
    }

    /// Stores the text of a string tag.
    public mutating func store(text: String, of tag: Tag) {
        if let registers = tag.registers { write(tag.words(text: text), to: registers) }
    }

    private mutating func write(_ words: [UInt16], to registers: RegisterRange) {
        let at = Int(registers.start) - self[registers.table].start
        for (index, word) in words.prefix(registers.count).enumerated() {
            self[registers.table].words[at + index] = word
        }
    }
}
