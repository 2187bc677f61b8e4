public import Plant

/// What the registers of one tag say, and how that was found: for people who ask why.
public struct DecodedValue: Sendable, Hashable {
    /// As in a reading: nothing when the value is bad, the length in bytes of a text.
    public let bits: UInt64
    /// The text of a string; `nil` for a number, and when it is bad.
    public let text: String?
    public let quality: Quality
    /// The way from the bytes to the value, a line each.
    public let steps: [String]
}

extension Tag {
    /// Decodes and judges the bytes of the tag's registers just as a scan does.
    ///
    /// Only what needs no other reading is judged: neither counters, nor what stands still, nor a status tag.
    ///
    /// - Parameter wire: its registers as they came, the high byte of each first; or one byte, 0 or 1, of a bit table.
    public func decoded(_ wire: [UInt8]) -> DecodedValue {
        guard let registers else {
            return DecodedValue(bits: 0, text: nil, quality: .neverRead, steps: ["no register: \(placeText)"])
        }
        let value = WireValue(self, payloadFrom: Int(registers.start))
        var steps = ["bytes \(wire.hex)"]
        guard wire.count >= value.end else {
            steps.append("\(Quality.badReply): found \(wire.count) bytes, expected \(value.end)")
            return DecodedValue(bits: 0, text: nil, quality: .badReply, steps: steps)
        }
        return type.isString ? decodedText(wire, value, &steps) : decodedNumber(wire, value, &steps)
    }

    private func decodedText(_ wire: [UInt8], _ value: WireValue, _ steps: inout [String]) -> DecodedValue {
        let field = TextField(self, place: value.place)
        var cells = [Cell](repeating: Cell(), count: TextField.cells(field.capacity))
        let length = wire.withUnsafeBufferPointer { payload in
            cells.withUnsafeMutableBufferPointer { field.read(payload, into: $0) }
        }
        steps.append("packing \(packing.rawValue)")
        guard let length else {
            steps.append("\(Quality.notText): found bytes that are no UTF-8")
            return DecodedValue(bits: 0, text: nil, quality: .notText, steps: steps)
        }
        let text = cells.withUnsafeBytes { String(decoding: $0.prefix(length), as: UTF8.self) }
        steps.append("text \"\(text)\", \(length) bytes")
        return DecodedValue(bits: UInt64(length), text: text, quality: .good, steps: steps)
    }

    private func decodedNumber(_ wire: [UInt8], _ value: WireValue, _ steps: inout [String]) -> DecodedValue {
        let found = wire.withUnsafeBufferPointer(value.bits)
        var unusable: [UInt64] = []
        let verdict = NumberRules(self, value, invalid: &unusable).judge(found, invalid: unusable)
        if type.registers > 1 { steps.append("order \(type.registers > 2 ? order.longName : order.rawValue)") }
        if value.shape == .registerFlag { steps.append("true when the register is not zero") }
        if let bits, value.shape == .unsignedField || value.shape == .signedField {
            steps.append(bits.count == 1 ? "bit \(bits.lowerBound)" : "bits \(bits.lowerBound)-\(bits.upperBound)")
        }
        if verdict.quality != .notDecimal {
            steps.append("raw \(type.rawText(found)) (\(type))")
            let number = value.number(found)
            if let loop = rules.loop {
                steps.append("loop current \(Tag.shown(loop.current(of: number), digits: 6)) mA")
            }
            steps.append(engineeringStep(found))
            if verdict.bits != found, !verdict.quality.isBad {
                steps.append("pinned to raw \(type.rawText(verdict.bits)): \(engineeringStep(verdict.bits))")
            }
        }
        if !verdict.quality.isGood { steps.append("\(verdict.quality): \(reason(verdict.quality, found))") }
        return DecodedValue(bits: verdict.bits, text: nil, quality: verdict.quality, steps: steps)
    }

    /// `-2 x 0.1 + 5 = 4.8 degC`, or only the end of it.
    private func engineeringStep(_ bits: UInt64) -> String {
        let raw = type.rawText(bits)
        let name = Int(exactly: type.rawNumber(bits)).flatMap { states[$0] }.map { " (\($0))" } ?? ""
        let unit = unit.map { " \($0)" } ?? ""
        if isUnscaled { return "value \(raw)\(unit)\(name)" }
        return "value \(raw) x \(Tag.shown(scale)) + \(Tag.shown(offset)) = "
            + "\(Tag.shown(engineering(bits)))\(unit)\(name)"
    }

    /// The rule that made a number less than good, with what was found and what was expected.
    private func reason(_ quality: Quality, _ found: UInt64) -> String {
        let raw = "found raw \(type.rawText(found)), expected "
        switch quality {
        case .unexpected: return raw + (expect.map { Tag.shown($0) } ?? "another")
        case .notDecimal: return "found a digit above 9, expected 0 to 9 in each four bits"
        case .notANumber: return raw + "a finite number"
        case .invalidValue:
            return raw + "none of \(invalid.map { Tag.shown($0) }.joined(separator: ", "))"
        case .failLow, .failHigh: return currentReason(found, quality)
        case .clamped where rules.loop?.quality(of: type.rawNumber(found)) == .clamped:
            return currentReason(found, quality)
        case .outOfRange, .clamped: return "found \(Tag.shown(engineering(found))), expected \(rangeText)"
        default: return raw + "something else"
        }
    }

    var rangeText: String {
        guard let range else { return "a number that a double can hold" }
        let unit = unit.map { " \($0)" } ?? ""
        return "\(Tag.shown(range.lowerBound)) to \(Tag.shown(range.upperBound))\(unit)"
    }

    private func currentReason(_ found: UInt64, _ quality: Quality) -> String {
        guard let loop = rules.loop else { return "" }
        let current = "found \(Tag.shown(loop.current(of: type.rawNumber(found)), digits: 6)) mA, expected "
        switch quality {
        case .failLow: return current + "at least \(Tag.shown(loop.failLow)) mA"
        case .failHigh: return current + "at most \(Tag.shown(loop.failHigh)) mA"
        default:
            return current
                + "\(Tag.shown(loop.measures.lowerBound)) to \(Tag.shown(loop.measures.upperBound)) mA of a measurement"
        }
    }
}

extension [UInt8] {
    /// `50 00 44 9A`.
    fileprivate var hex: String {
        map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return byte < 16 ? "0" + digits : digits
        }.joined(separator: " ")
    }
}
