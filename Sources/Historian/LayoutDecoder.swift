import Plant

/// Turns the rows of one layout into the readings of the tags in question, in one pass over their bytes.
struct LayoutDecoder {
    let group: String
    /// The tags in question, in the order of their slots.
    let tags: [Tag.ID]
    private let slots: [Slot]

    struct Slot {
        let slot: Int
        let tag: Tag.ID
        let type: ValueType
        let scale: Double
        let offset: Double
        let isUnscaled: Bool

        /// - Parameters:
        ///   - type, scale, offset: of the layout. They count where the configuration now means other registers; where
        ///     it means the same ones, its own scale counts: a new scale is what a replay may be about.
        init(slot: Int, tag: Tag, type: ValueType, scale: Double?, offset: Double) {
            (self.slot, self.tag, self.type) = (slot, tag.id, type)
            if type == tag.type {
                (self.scale, self.offset, isUnscaled) = (tag.scale, tag.offset, tag.isUnscaled)
            } else {
                (self.scale, self.offset, isUnscaled) = (scale ?? 1, offset, scale == nil)
            }
        }
    }

    /// - Parameter slots: ascending.
    init(group: String, slots: [Slot]) {
        (self.group, self.slots) = (group, slots)
        tags = slots.map(\.tag)
    }

    /// - Parameters:
    ///   - values: the JSON array of the row; ends with NUL.
    ///   - bad: its JSON object of qualities; ends with NUL.
    ///   - readings: empty; keeps its memory from row to row.
    /// - Returns: `.good`, or why the whole group was lost.
    func decode(
        _ values: UnsafePointer<UInt8>, bad: UnsafePointer<UInt8>?, into readings: inout [RecordedReading],
        texts: inout [Tag.ID: String]
    ) -> Quality {
        var qualities = QualityCursor(bad)
        if let loss = qualities.loss { return loss }
        var cursor = ValueCursor(values)
        for slot in slots {
            let quality = qualities.quality(of: slot.slot)
            guard cursor.move(to: slot.slot), !quality.isBad else {
                readings.append(
                    RecordedReading(
                        tag: slot.tag, quality: quality.isBad ? quality : .neverRead, bits: 0, value: .nan))
                continue
            }
            if slot.type.isString {
                guard let text = cursor.text() else { continue }
                texts[slot.tag] = text
                readings.append(
                    RecordedReading(tag: slot.tag, quality: quality, bits: UInt64(text.utf8.count), value: .nan))
            } else if let bits = cursor.number(slot.type) {
                let raw = slot.type.rawNumber(bits)
                readings.append(
                    RecordedReading(
                        tag: slot.tag, quality: quality, bits: bits,
                        value: slot.isUnscaled ? raw : raw * slot.scale + slot.offset))
            } else {
                readings.append(RecordedReading(tag: slot.tag, quality: .notANumber, bits: 0, value: .nan))
            }
        }
        return .good
    }
}

/// Walks over the elements of a row's JSON array.
private struct ValueCursor {
    private var at: UnsafePointer<UInt8>
    private var slot = 0

    init(_ array: UnsafePointer<UInt8>) { at = array.pointee == UInt8(ascii: "[") ? array + 1 : array }

    /// - Returns: false beyond the end.
    @inline(__always)
    mutating func move(to wanted: Int) -> Bool {
        while slot < wanted {
            guard skip() else { return false }
            slot += 1
        }
        return at.pointee != 0 && at.pointee != UInt8(ascii: "]")
    }

    /// Passes over the rest of an element and the comma behind it.
    @inline(__always)
    private mutating func skip() -> Bool {
        while true {
            switch at.pointee {
            case UInt8(ascii: ","):
                at += 1
                return true
            case 0, UInt8(ascii: "]"): return false
            case UInt8(ascii: "\""): at = end(ofString: at)
            default: at += 1
            }
        }
    }

    @inline(__always)
    mutating func number(_ type: ValueType) -> UInt64? {
        // A uint64 beyond the integers of SQLite is written as a string.
        if at.pointee == UInt8(ascii: "\"") { at += 1 }
        guard let (bits, end) = RawNumber.bits(of: type, at: at) else { return nil }
        at = end.pointee == UInt8(ascii: "\"") ? end + 1 : end
        return bits
    }

    func text() -> String? {
        guard at.pointee == UInt8(ascii: "\"") else { return nil }
        return ScanRow.unquoted(UnsafeBufferPointer(start: at, count: at.distance(to: end(ofString: at))))
    }

    /// The byte behind the closing quotation mark.
    private func end(ofString start: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
        var at = start + 1
        while at.pointee != 0 {
            if at.pointee == UInt8(ascii: "\"") { return at + 1 }
            at += at.pointee == UInt8(ascii: "\\") && at[1] != 0 ? 2 : 1
        }
        return at
    }
}

/// Walks over `{"3":145,"7":66}`, whose keys ascend, or finds out that it is `{"all":129}`.
private struct QualityCursor {
    private(set) var loss: Quality?
    private var at: UnsafePointer<UInt8>?
    private var slot = Int.max
    private var quality = Quality.good

    init(_ object: UnsafePointer<UInt8>?) {
        guard let object, object.pointee == UInt8(ascii: "{") else { return }
        if object[1] == UInt8(ascii: "\""), object[2] == UInt8(ascii: "a") {
            var code = object + 7
            loss = Quality(rawValue: UInt8(truncatingIfNeeded: QualityCursor.number(&code)))
        } else {
            at = object + 1
            next()
        }
    }

    @inline(__always)
    mutating func quality(of wanted: Int) -> Quality {
        while slot < wanted { next() }
        return slot == wanted ? quality : .good
    }

    private mutating func next() {
        slot = .max
        guard var here = at, here.pointee == UInt8(ascii: "\"") else { return }
        here += 1
        slot = QualityCursor.number(&here)
        if here.pointee == UInt8(ascii: "\"") { here += 1 }
        if here.pointee == UInt8(ascii: ":") { here += 1 }
        quality = Quality(rawValue: UInt8(truncatingIfNeeded: QualityCursor.number(&here)))
        at = here.pointee == UInt8(ascii: ",") ? here + 1 : nil
    }

    private static func number(_ at: inout UnsafePointer<UInt8>) -> Int {
        var number = 0
        while at.pointee >= UInt8(ascii: "0"), at.pointee <= UInt8(ascii: "9") {
            number = number &* 10 &+ Int(at.pointee &- UInt8(ascii: "0"))
            at += 1
        }
        return number
    }
}
