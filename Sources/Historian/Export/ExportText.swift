import Archive
import Plant

/// Writes readings as lines of CSV or NDJSON into a buffer that is used again and again.
///
/// Values are exact: integers as they are, numbers as the shortest decimal that is them, text as it is.
struct ExportText {
    private(set) var bytes: [UInt8] = []
    private let isJSON: Bool
    /// Name and unit as they stand in each line.
    private var (name, unit): ([UInt8], [UInt8]) = ([], [])
    private var isDouble = false
    /// The beginning of a time, up to its minute: it changes seldom.
    private var minute = Int64.min
    private var minuteText: [UInt8] = []

    init(_ format: ExportFormat) { isJSON = format == .ndjson }

    mutating func begin() {
        if !isJSON { bytes.append(contentsOf: "time,tag,value,unit,quality\n".utf8) }
    }

    mutating func begin(_ tag: StoredTag) {
        let (name, unit) = (tag.name, tag.unit)
        isDouble = tag.type == ValueType.float64.description
        if isJSON {
            self.name = Array(",\"tag\":".utf8)
            self.name.append(json: name)
            self.name.append(contentsOf: ",\"value\":".utf8)
            self.unit = []
            if let unit {
                self.unit.append(contentsOf: ",\"unit\":".utf8)
                self.unit.append(json: unit)
            }
            self.unit.append(contentsOf: ",\"quality\":\"".utf8)
        } else {
            (self.name, self.unit) = ([UInt8(ascii: ",")], [UInt8(ascii: ",")])
            self.name.append(csv: name)
            self.name.append(UInt8(ascii: ","))
            self.unit.append(csv: unit ?? "")
            self.unit.append(UInt8(ascii: ","))
        }
    }

    mutating func append(_ reading: StoredReading) {
        if isJSON { bytes.append(contentsOf: "{\"time\":\"".utf8) }
        append(time: reading.time)
        if isJSON { bytes.append(UInt8(ascii: "\"")) }
        bytes.append(contentsOf: name)
        if let text = reading.exactText(isDouble: isDouble) {
            if reading.number != nil {
                bytes.append(contentsOf: text.utf8)
            } else if isJSON {
                bytes.append(json: text)
            } else {
                bytes.append(csv: text)
            }
        } else if isJSON {
            bytes.append(contentsOf: "null".utf8)
        }
        bytes.append(contentsOf: unit)
        bytes.append(contentsOf: reading.quality.isGood ? "good".utf8 : reading.quality.name.utf8)
        if isJSON { bytes.append(contentsOf: "\"}".utf8) }
        bytes.append(UInt8(ascii: "\n"))
    }

    mutating func clear() { bytes.removeAll(keepingCapacity: true) }

    private mutating func append(time: Int64) {
        let (whole, rest) = time.flooredQuotientAndRemainder(dividingBy: 60_000)
        if whole != minute || minuteText.isEmpty {
            minute = whole
            // Without the seconds, "00.000Z".
            minuteText = Array(UTCTime.text(whole * 60_000).utf8.dropLast(7))
        }
        bytes.append(contentsOf: minuteText)
        bytes.append(digits: rest / 1000, 2)
        bytes.append(UInt8(ascii: "."))
        bytes.append(digits: rest % 1000, 3)
        bytes.append(UInt8(ascii: "Z"))
    }
}

extension StoredReading {
    /// As people see it; a `float64` that has more than 15 digits with all of them.
    func exactText(isDouble: Bool) -> String? {
        if isDouble, case .real(let number) = value, number.toFifteenDigits != number { return number.description }
        return text
    }
}

extension [UInt8] {
    fileprivate mutating func append(digits number: Int64, _ width: Int) {
        var power: Int64 = width == 3 ? 100 : 10
        while power > 0 {
            append(UInt8(ascii: "0") + UInt8(number / power % 10))
            power /= 10
        }
    }

    /// A field after RFC 4180.
    fileprivate mutating func append(csv text: String) {
        guard text.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else {
            return append(contentsOf: text.utf8)
        }
        append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") { append(byte) }
            append(byte)
        }
        append(UInt8(ascii: "\""))
    }

    fileprivate mutating func append(json text: String) { append(string: Array(text.utf8)) }
}
