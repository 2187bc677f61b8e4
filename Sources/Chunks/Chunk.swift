import Plant

/// One tag over a span as bytes: header, qualities or statistics, values. See <doc:Chunks>.
public enum Chunk {
    /// Scans in a span: what bounds the memory that any bytes can ask of a decoder.
    public static let scansMax = 65_536

    /// - Parameters:
    ///   - column: as many elements as the span has scans. What is lost with a whole scan may be left out of its
    ///     qualities; the chunk has it all the same, so that it can be read without its span.
    ///   - span: 1...`scansMax` scans.
    public static func encode(_ column: TagColumn, _ span: SpanColumns, _ traits: ChunkTraits) -> [UInt8] {
        let count = span.count
        precondition((1...scansMax).contains(count), "\(count) scans in a span, expected 1...\(scansMax)")
        precondition(span.losses.isEmpty || span.losses.count == count, "losses for another number of scans")
        precondition(column.qualities.isEmpty || column.qualities.count == count, "qualities for other scans")
        let qualities = column.qualities(over: span)
        var writer = ByteWriter()
        if traits.type.isString {
            precondition(column.texts.count == count, "texts of other scans than the span's")
            let texts = kept(column.texts, qualities)
            writer.header(texts.isEmpty ? .constant : .texts, .integer, qualities)
            if !texts.isEmpty { TextCode.write(texts, &writer) }
            return writer.bytes
        }
        precondition(column.bits.count == count, "numbers of other scans than the span's")
        let bits = kept(column.bits, qualities).map(traits.type.codedBits)
        guard !bits.isEmpty else {
            writer.header(.constant, .integer, qualities)
            return writer.bytes
        }
        let code = NumberCode.shortest(bits, traits.type)
        if qualities.isEmpty, let figures = Figures(bits, span.times, code, traits) {
            writer.header(code.coding, code.form, figures, isCounter: traits.isCounter)
            figures.write(&writer, isSingle: traits.type == .float32)
        } else {
            writer.header(code.coding, code.form, qualities)
        }
        code.write(&writer)
        return writer.bytes
    }

    /// The values of the scans that have one.
    private static func kept<Value>(_ values: [Value], _ qualities: [Quality]) -> [Value] {
        qualities.isEmpty ? values : values.indices.lazy.filter { !qualities[$0].isBad }.map { values[$0] }
    }

    static func check(count: Int) throws(ChunkError) {
        guard (1...scansMax).contains(count) else { throw .damaged("\(count) scans, expected 1...\(scansMax)") }
    }
}

extension ValueType {
    /// What a chunk keeps of the bits of a reading: a float32 has 32.
    fileprivate func codedBits(_ bits: UInt64) -> UInt64 { self == .float32 ? bits & 0xFFFF_FFFF : bits }
}

extension ByteWriter {
    fileprivate mutating func header(_ coding: Coding, _ form: NumberForm, _ qualities: [Quality]) {
        let annex: ChunkHeader.Annex = qualities.isEmpty ? .none : .qualities
        byte(ChunkHeader(coding, form, annex, hasFloatStatistics: false).byte)
        QualityRuns.write(qualities, &self)
    }

    fileprivate mutating func header(_ coding: Coding, _ form: NumberForm, _ figures: Figures, isCounter: Bool) {
        let annex: ChunkHeader.Annex = isCounter ? .counterStatistics : .statistics
        let hasFloats = if case .floats = figures { true } else { false }
        byte(ChunkHeader(coding, form, annex, hasFloatStatistics: hasFloats).byte)
    }
}

extension TagColumn {
    /// With the losses of the span; empty when all are good.
    fileprivate func qualities(over span: SpanColumns) -> [Quality] {
        var all = qualities
        if !span.losses.isEmpty {
            if all.isEmpty { all = [Quality](repeating: .good, count: span.count) }
            for index in all.indices where !span.losses[index].isGood { all[index] = span.losses[index] }
        }
        return all.allSatisfy(\.isGood) ? [] : all
    }
}
