import Plant

/// A tag that files bring readings of.
struct ImportSubject {
    enum Kind: String { case analog, bool, `enum`, text }

    /// In the staging file, from 1.
    let id: Int64
    let name: String
    var unit: String?
    /// `nil` for a tag that is created, until its first value says it.
    private(set) var kind: Kind?
    private let type: String
    /// Values of an `enum` by their names.
    let states: [String: Int64]
    /// The history has no such tag yet.
    let isCreated: Bool
    /// How the newest configuration keeps it.
    let own: ImportForm?

    /// What came so far.
    private(set) var rows = 0
    private var fitsOwn = true
    private var (hasInteger, hasNegative, hasUnsigned, hasReal) = (false, false, false, false)
    private(set) var spacing = Spacing()

    init(
        id: Int64, name: String, unit: String?, kind: Kind?, type: String = "", states: [String: Int64] = [:],
        isCreated: Bool, own: ImportForm?
    ) {
        (self.id, self.name, self.unit, self.kind, self.type) = (id, name, unit, kind, type)
        (self.states, self.isCreated, self.own) = (states, isCreated, own)
    }

    func numbered(_ id: Int64) -> ImportSubject {
        ImportSubject(
            id: id, name: name, unit: unit, kind: kind, type: type, states: states, isCreated: false, own: own)
    }

    /// The value of a field; `nil` when it is none of this tag's. The first value of a tag that is created makes it one
    /// of numbers, of truths, or of texts.
    mutating func value(_ field: CSVRecords.Field, in records: borrowing CSVRecords) -> ImportedValue? {
        let kind = kind ?? ImportSubject.kind(of: records.bytes(field), field, in: records)
        self.kind = kind
        switch kind {
        case .text: return records.text(field).map(ImportedValue.text)
        case .analog: return NumberField.value(in: records.content, field.bytes)
        case .bool:
            switch records.bytes(field) {
            case ImportSubject.truth[...], [UInt8(ascii: "1")]: return .integer(1)
            case ImportSubject.falsehood[...], [UInt8(ascii: "0")]: return .integer(0)
            default: return nil
            }
        case .enum:
            if let state = records.text(field).flatMap({ states[$0] }) { return .integer(state) }
            if case .integer(let number) = NumberField.value(in: records.content, field.bytes) {
                return .integer(number)
            }
            return nil
        }
    }

    private static func kind(
        of bytes: ArraySlice<UInt8>, _ field: CSVRecords.Field, in records: borrowing CSVRecords
    ) -> Kind {
        if NumberField.value(in: records.content, field.bytes) != nil { return .analog }
        return bytes == truth[...] || bytes == falsehood[...] ? .bool : .text
    }

    private static let (truth, falsehood) = ([UInt8]("true".utf8), [UInt8]("false".utf8))

    var expected: String {
        let known = isCreated ? ", as its first one" : ""
        switch kind ?? .analog {
        case .text: return "text in UTF-8"
        case .analog: return "a number" + known
        case .bool: return "true or false" + known
        case .enum:
            let names = states.sorted { $0.value < $1.value }.map(\.key)
            return "a whole number or a state: \(names.prefix(8).joined(separator: ", "))"
                + (names.count > 8 ? ", …" : "")
        }
    }

    mutating func note(_ value: ImportedValue, at time: Int64) {
        rows += 1
        spacing.note(time)
        switch value {
        case .integer(let number): (hasInteger, hasNegative) = (true, hasNegative || number < 0)
        case .unsigned: hasUnsigned = true
        case .real: hasReal = true
        case .none, .text: break
        }
        if fitsOwn { fitsOwn = own?.bits(of: value) != nil }
    }

    /// Of its registers, `float32`; of a tag that is created, what its values need.
    var typeName: String {
        guard isCreated else { return type }
        return kind == .bool ? ValueType.bool.description : form.type.description
    }

    /// The form that keeps all its values, as far as one does.
    var form: ImportForm {
        if let own, fitsOwn { return own }
        if kind == .text { return .text }
        if hasReal { return .real }
        return hasUnsigned && !hasNegative ? .unsigned : .integer
    }
}

/// How often readings of a tag come, measured: how long one of them stands depends on it.
struct Spacing {
    /// A median needs no more.
    static let samples = 1001

    private var last: Int64?
    private var gaps: [Int64] = []

    mutating func note(_ time: Int64) {
        defer { last = time }
        guard let last, time != last, gaps.count < Spacing.samples else { return }
        gaps.append(abs(time - last))
    }

    /// The median in milliseconds, of two digits: it is a measurement. `nil` for a single reading.
    var period: Int64? {
        guard !gaps.isEmpty else { return nil }
        let median = gaps.sorted()[gaps.count / 2]
        var unit: Int64 = 1
        while median / unit >= 100 { unit *= 10 }
        return (median + unit / 2) / unit * unit
    }
}
