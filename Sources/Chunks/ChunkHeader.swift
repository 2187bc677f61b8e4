/// The first byte of a chunk.
struct ChunkHeader {
    /// What stands between the header and the values. A chunk with qualities has no statistics.
    enum Annex: UInt8 {
        case none = 0, qualities, statistics
        /// With the rise of a counter.
        case counterStatistics
    }

    var coding: Coding
    var form: NumberForm
    var annex: Annex
    /// The statistics are floats, not whole numbers.
    var hasFloatStatistics: Bool

    var byte: UInt8 {
        coding.rawValue | form.rawValue << 3 | annex.rawValue << 5 | (hasFloatStatistics ? 0x80 : 0)
    }

    init(_ coding: Coding, _ form: NumberForm, _ annex: Annex, hasFloatStatistics: Bool) {
        (self.coding, self.form, self.annex) = (coding, form, annex)
        self.hasFloatStatistics = hasFloatStatistics
    }

    init(_ byte: UInt8) throws(ChunkError) {
        guard let coding = Coding(rawValue: byte & 7), let form = NumberForm(rawValue: byte >> 3 & 3),
            let annex = Annex(rawValue: byte >> 5 & 3)
        else { throw .damaged("header \(byte), expected a coding, form and annex of this format") }
        self.init(coding, form, annex, hasFloatStatistics: byte & 0x80 != 0)
        guard coding.rawValue < Coding.exclusive.rawValue || form == .integer else {
            throw .damaged("header \(byte): coding \(coding) with form \(form)")
        }
    }

    var hasStatistics: Bool { annex == .statistics || annex == .counterStatistics }
}
