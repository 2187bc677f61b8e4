import Plant

// Lists and sections in YAML's flow style, as the cells of a table hold them.

extension [String] {
    var inFlow: String { "[\(joined(separator: ", "))]" }
}

extension ClosedRange<Double> {
    var inFlow: String { [lowerBound.short, upperBound.short].inFlow }
}

extension [Int: String] {
    /// `{0: idle, 70: soak}`.
    var inFlow: String {
        "{\(sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.inFlow)" }.joined(separator: ", "))}"
    }
}

extension String {
    /// A text that YAML reads as this text: plain where nothing can be mistaken, else in quotes.
    var inFlow: String {
        let isPlain =
            first.map { $0.isASCIILetter || $0 == "_" } ?? false
            && allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || "_-".contains($0) }
            && PlainScalar(plain: self) == .text
        if isPlain { return self }
        // Single quotes know one escape and keep every printable character.
        if unicodeScalars.allSatisfy(\.isPrintable) { return "'\(doubling("'"))'" }
        let escaped = unicodeScalars.map { scalar in
            if scalar == "\"" || scalar == "\\" { return "\\\(scalar)" }
            if scalar.isPrintable { return String(scalar) }
            let digits = String(scalar.value, radix: 16, uppercase: true)
            return "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
        }
        return "\"\(escaped.joined())\""
    }
}

extension String {
    /// By scalars: a quote with an accent behind it is one character, and still ends a text in quotes.
    func doubling(_ quote: Unicode.Scalar) -> String {
        unicodeScalars.map { $0 == quote ? "\(quote)\(quote)" : String($0) }.joined()
    }
}

extension Unicode.Scalar {
    /// On one line and visible.
    fileprivate var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
        default: true
        }
    }
}

extension CurrentLoop {
    /// The raw ends, and the bands that are not those of NE 43. The line through the ends is `scale` and `offset`.
    var inFlow: String {
        var entries = ["raw: \(raw.inFlow)"]
        if failLow != CurrentLoop.failLow { entries.append("fail_low: \(failLow.short)") }
        if measures != CurrentLoop.measures { entries.append("measures: \(measures.inFlow)") }
        if failHigh != CurrentLoop.failHigh { entries.append("fail_high: \(failHigh.short)") }
        return "{\(entries.joined(separator: ", "))}"
    }
}

extension StatusRule {
    /// The key, and the list behind it.
    private func entry(_ test: Test, of status: Tag) -> String {
        let isBad = test.quality.isBad
        return switch test.condition {
        case .isOne(let values): "\(isBad ? "bad" : "uncertain"): \(values.map(status.type.rawText).inFlow)"
        case .isNone(let values): "good: \(values.map(status.type.rawText).inFlow)"
        case .anyBit(let mask): "\(isBad ? "bad_bits" : "uncertain_bits"): \(mask.bits.inFlow)"
        case .anyBitClear(let mask): "bad_bits_clear: \(mask.bits.inFlow)"
        }
    }

    /// `{tag: pv_status, good: [0]}`.
    func inFlow(of status: Tag) -> String {
        var entries = ["tag: \(status.localName.inFlow)"] + tests.map { entry($0, of: status) }
        let qualities = tests.map(\.quality)
        if let bad = qualities.first(where: \.isBad), bad != .sensorFault { entries.append("bad_as: \(bad.cause)") }
        if let uncertain = qualities.first(where: \.isUncertain), uncertain != .doubtful {
            entries.append("uncertain_as: \(uncertain.cause)")
        }
        return "{\(entries.joined(separator: ", "))}"
    }
}

extension Quality {
    /// `fail-low` of `bad:fail-low`.
    fileprivate var cause: Substring { name.drop { $0 != ":" }.dropFirst() }
}

extension UInt64 {
    /// The numbers of the bits that are set.
    fileprivate var bits: [String] { (0..<64).filter { self >> UInt64($0) & 1 == 1 }.map(String.init) }
}
