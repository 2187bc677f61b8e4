public import Plant

/// A tag as the history knows it.
public struct StoredTag: Sendable, Hashable, Codable {
    public let name: String
    public let unit: String?
    public let description: String?
    /// `analog`, `bool`, `enum` or `text`.
    public let kind: String
    /// The type of its registers, `float32`.
    public let type: String
    /// Names of the values of an `enum`.
    public let states: [String: String]
}

/// One reading out of the history.
public struct StoredReading: Sendable, Hashable {
    /// UTC milliseconds.
    public let time: Int64
    /// The engineering value; `nil` when it is bad or text.
    public let number: Double?
    /// The value as text, exact: the digits of an unscaled integer of any size, the shortest decimal of a number, the
    /// text of a string. `nil` when it is bad.
    public let text: String?
    public let quality: Quality

    public init(time: Int64, number: Double?, text: String?, quality: Quality) {
        (self.time, self.number, self.text, self.quality) = (time, number, text, quality)
    }
}

/// What a slot's raw number becomes: the layout's type and scale, never the present configuration's.
struct SlotDecoder {
    let slot: Int
    let type: String
    let scale: Double?
    let offset: Double

    func decode(time: Int64, values: UnsafeBufferPointer<UInt8>, bad: UnsafeBufferPointer<UInt8>?) -> StoredReading {
        let quality = bad.map { ScanRow.quality(of: slot, in: $0) } ?? .good
        guard !quality.isBad, let element = ScanRow.element(slot, of: values) else {
            return StoredReading(time: time, number: nil, text: nil, quality: quality.isBad ? quality : .neverRead)
        }
        if type.hasPrefix("string") {
            return StoredReading(time: time, number: nil, text: ScanRow.unquoted(element), quality: quality)
        }
        let digits = ScanRow.unquoted(element)
        // A float32 is stored as its own shortest decimal, which is another number when it is read as a double.
        let raw = type == "float32" ? Float(digits).map(Double.init) : Double(digits)
        guard let raw else {
            return StoredReading(time: time, number: nil, text: nil, quality: .notANumber)
        }
        if let scale {
            let number = raw * scale + offset
            return StoredReading(time: time, number: number, text: Tag.shown(number), quality: quality)
        }
        let text = type == "float64" ? raw.description : digits
        return StoredReading(time: time, number: raw, text: text, quality: quality)
    }
}

/// Reads single slots out of the texts of a row, without parsing the rest.
enum ScanRow {
    /// The text of the element, or `nil` for `null` and beyond the end.
    static func element(_ index: Int, of array: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>? {
        var at = 1
        var remaining = index
        while at < array.count {
            let start = at
            var inString = false
            scan: while at < array.count {
                switch array[at] {
                case UInt8(ascii: "\""): inString.toggle()
                case UInt8(ascii: "\\"): at += 1
                case UInt8(ascii: ","), UInt8(ascii: "]"): if !inString { break scan }
                default: break
                }
                at += 1
            }
            if remaining == 0 {
                guard at > start, array[start] != UInt8(ascii: "n") else { return nil }
                return UnsafeBufferPointer(rebasing: array[start..<min(at, array.count)])
            }
            remaining -= 1
            at += 1
        }
        return nil
    }

    /// The quality of a slot in `{"3":145}`, or of all in `{"all":129}`.
    static func quality(of slot: Int, in object: UnsafeBufferPointer<UInt8>) -> Quality {
        var at = 1
        while at < object.count {
            // One "key":code pair. Keys are numbers or the word "all"; there are no escapes and no blanks.
            at += 1
            var key = 0
            var isAll = false
            while at < object.count, object[at] != UInt8(ascii: "\"") {
                if let digit = digit(object[at]) { key = key * 10 + digit } else { isAll = true }
                at += 1
            }
            at += 2
            var code = 0
            while at < object.count, let digit = digit(object[at]) {
                code = code * 10 + digit
                at += 1
            }
            if isAll || key == slot { return Quality(rawValue: UInt8(truncatingIfNeeded: code)) }
            at += 1
        }
        return .good
    }

    /// A number as it stands, or the content of a JSON string.
    static func unquoted(_ element: UnsafeBufferPointer<UInt8>) -> String {
        guard element.first == UInt8(ascii: "\""), element.count >= 2 else {
            return String(decoding: element, as: UTF8.self)
        }
        let content = element[1..<(element.count - 1)]
        guard content.contains(UInt8(ascii: "\\")) else { return String(decoding: content, as: UTF8.self) }
        var bytes: [UInt8] = []
        var at = content.startIndex
        while at < content.endIndex {
            if content[at] != UInt8(ascii: "\\") {
                bytes.append(content[at])
                at += 1
            } else if at + 1 < content.endIndex, content[at + 1] != UInt8(ascii: "u") {
                bytes.append(content[at + 1])
                at += 2
            } else {
                // The recorder writes control characters alone this way, \u0000 to \u007f.
                let digits = content[min(at + 2, content.endIndex)..<min(at + 6, content.endIndex)]
                bytes.append(UInt8(String(decoding: digits, as: UTF8.self), radix: 16) ?? UInt8(ascii: "?"))
                at += 6
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> Int? {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? Int(byte - UInt8(ascii: "0")) : nil
    }
}
