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
        for range in tags.lazy.map(\.registers) {
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

    /// Stores raw bits where the tag lives: one bit of its register, one item of a bit table, or all its registers.
    ///
    /// - Precondition: the tag was among those of `init`.
    public mutating func store(_ bits: UInt64, of tag: Tag) {
        if let bit = tag.bit {
            let at = Int(tag.registers.start) - self[tag.registers.table].start
            let mask = UInt16(1) << UInt16(bit)
            if bits & 1 == 0 {
                self[tag.registers.table].words[at] &= ~mask
            } else {
                self[tag.registers.table].words[at] |= mask
            }
        } else if tag.registers.table.isBits {
            write((0..<tag.registers.count).map { UInt16(truncatingIfNeeded: bits >> UInt64($0) & 1) }, of: tag)
        } else {
            write(tag.words(of: bits), of: tag)
        }
    }

    /// Stores the text of a string tag.
    public mutating func store(text: String, of tag: Tag) { write(tag.words(text: text), of: tag) }

    private mutating func write(_ words: [UInt16], of tag: Tag) {
        let at = Int(tag.registers.start) - self[tag.registers.table].start
        for (index, word) in words.prefix(tag.registers.count).enumerated() {
            self[tag.registers.table].words[at + index] = word
        }
    }
}
