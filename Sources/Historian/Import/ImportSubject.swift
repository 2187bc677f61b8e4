import Archive
import Plant

/// A tag that files bring readings of.
struct ImportSubject {
    enum Kind: String { case analog, bool, `enum`, text }

    /// In the staging file, from 1.
    private(set) var id: Int64
    let name: String
    var unit: String?
    /// `nil` for a tag that is created, until its first value says it.
    private(set) var kind: Kind?
    private let type: String
    /// Values of an `enum` by their names.
    let states: [String: Int64]
    /// The history has no such tag yet.
    let isCreated: Bool
    /// How the newest configuration keeps it; `nil` for a tag that no controller ever had.
    private let own: ImportForm?
    /// What it can say; a tag that no controller ever had can say anything.
    private let bounds: ImportBounds?
    /// Of the scan group that reads it, milliseconds.
    let scanPeriod: Int64?

    /// What came so far.
    private(set) var rows = 0
    private var fitsOwn = true
    private var (hasNegative, hasUnsigned, hasReal) = (false, false, false)
    private(set) var spacing = Spacing()

    /// A tag of the history.
    init(_ tag: StoredTag, own: ImportForm?, scanPeriod: Int64?) {
        (id, name, unit, kind, type) = (0, tag.name, tag.unit, Kind(rawValue: tag.kind), tag.type)
        let named = tag.states.compactMap { value, name in Int64(value).map { (name, $0) } }
        states = Dictionary(named, uniquingKeysWith: min)
        (isCreated, self.own, self.scanPeriod) = (false, own, scanPeriod)
        bounds = own.map(ImportBounds.init)
    }

    /// A new tag.
    init(id: Int64, name: String, unit: String?) {
        (self.id, self.name, self.unit, kind, type, states) = (id, name, unit, nil, "", [:])
        (isCreated, own, bounds, scanPeriod) = (true, nil, nil, nil)
    }

    func numbered(_ id: Int64) -> ImportSubject {
        var numbered = self
        numbered.id = id
        return numbered
    }

    /// The value of a field. The first value of a tag that is created makes it one of numbers, of truths, or of texts.
    mutating func value(
        _ field: CSVRecords.Field, in records: borrowing CSVRecords
    ) throws(ImportProblem) -> ImportedValue {
        guard let parsed = parsed(field, in: records), let value = taken(parsed) else {
            let isNotFinite = NumberField.isNotFinite(in: records.content, field.bytes)
            throw records.problem(
                found: "\(quoted(records.bytes(field))) as a value of \(name)",
                expected: expected
                    + (isNotFinite ? "; what was not measured has the quality \(Quality.notANumber)" : ""),
                at: field)
        }
        return value
    }

    private mutating func parsed(
        _ field: CSVRecords.Field, in records: borrowing CSVRecords
    ) -> ImportedValue? {
        guard let kind = kind ?? ImportSubject.kind(of: records.bytes(field), field, in: records) else { return nil }
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

    /// Within the tag's bounds; `nil` beyond them.
    private mutating func taken(_ value: ImportedValue) -> ImportedValue? {
        var value = value
        if let bounds {
            guard let taken = bounds.taken(value) else { return nil }
            value = taken.value
            fitsOwn = fitsOwn && taken.fits
        }
        switch value {
        case .integer(let number): hasNegative = hasNegative || number < 0
        case .unsigned: hasUnsigned = true
        case .real: hasReal = true
        case .none, .text: break
        }
        return value
    }

    /// `nil` for what is meant as a number and is none that can be kept: as text it would make the tag one of texts.
    private static func kind(
        of bytes: ArraySlice<UInt8>, _ field: CSVRecords.Field, in records: borrowing CSVRecords
    ) -> Kind? {
        if NumberField.value(in: records.content, field.bytes) != nil { return .analog }
        if !field.isQuoted, NumberField.isNotFinite(in: records.content, field.bytes) { return nil }
        return bytes == truth[...] || bytes == falsehood[...] ? .bool : .text
    }

    private static let (truth, falsehood) = ([UInt8]("true".utf8), [UInt8]("false".utf8))

    private var expected: String {
        let known = isCreated ? ", as its first one" : ""
        switch kind ?? .analog {
        case .text: return bounds?.description ?? "text in UTF-8"
        case .analog: return (bounds?.description ?? "a finite number") + (kind == nil ? "" : known)
        case .bool: return "true or false" + known
        case .enum:
            let names = states.sorted { $0.value < $1.value }.map(\.key)
            return "\(bounds?.description ?? "a whole number") or a state: \(names.prefix(8).joined(separator: ", "))"
                + (names.count > 8 ? ", …" : "")
        }
    }

    mutating func note(_ time: Int64) {
        rows += 1
        spacing.note(time)
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
