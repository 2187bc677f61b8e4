package import Plant

/// Walks over the elements of a row's JSON array. Readers and the sealer share it: a reading must not change when it
/// is sealed.
package struct ValueCursor {
    private var at: UnsafePointer<UInt8>
    private var slot = 0

    package init(_ array: UnsafePointer<UInt8>) { at = array.pointee == UInt8(ascii: "[") ? array + 1 : array }

    /// - Returns: false beyond the end.
    @inline(__always)
    package mutating func move(to wanted: Int) -> Bool {
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
    package mutating func number(_ type: ValueType) -> UInt64? {
        // A uint64 beyond the integers of SQLite is written as a string.
        if at.pointee == UInt8(ascii: "\"") { at += 1 }
        guard let (bits, end) = RawNumber.bits(of: type, at: at) else { return nil }
        at = end.pointee == UInt8(ascii: "\"") ? end + 1 : end
        return bits
    }

    package func text() -> String? {
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
package struct QualityCursor {
    package private(set) var loss: Quality?
    private var at: UnsafePointer<UInt8>?
    private var slot = Int.max
    private var quality = Quality.good

    package init(_ object: UnsafePointer<UInt8>?) {
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
    package mutating func quality(of wanted: Int) -> Quality {
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
