import Modbus
import Plant

extension Survey {
    /// A profile of what was found, to begin with: every readable register as an unsigned word, what it held beside it,
    /// and what looks like floats as comments.
    ///
    /// - Parameter endpoint: as a person wrote it.
    /// - Returns: nil when nothing could be read: a profile needs a tag.
    public func profileDraft(of endpoint: String) -> String? {
        guard !areas.isEmpty else { return nil }
        let count = areas.map(\.range.count).reduce(0, +)
        var text = """
            # A draft, made by reading \(endpoint), unit \(plan.unit), \(plan.table.rawValue) \
            \(plan.addresses.lowerBound) to \(plan.addresses.upperBound), with function code \(plan.table.function).
            # \(count) could be read, in \(areas.count) \(areas.count == 1 ? "area" : "areas"). That a register answers does
            # not show that it means something: some instruments answer for registers they do not have.
            # Each line shows what the register held. Give the tags names, types, units and ranges from the manual, and take
            # out what is not needed.

            """
        if unasked > 0 {
            text += "# \(unasked) registers far from any readable one were not asked.\n"
        }
        text += """
            model: draft
            notation: zero-based

            # \(limitText)
            max_registers: \(maxRegisters)
            max_gap: 0

            tags:

            """
        let guesses = Dictionary(
            FloatGuess.all(in: areas).map { (Int($0.place.start), $0) }, uniquingKeysWith: { first, _ in first })
        for area in areas {
            text += "  # \(area.range), \(area.range.count) in a row\n"
            for (index, value) in area.values.enumerated() {
                let address = Int(area.range.start) + index
                text += guesses[address].map { "  # perhaps \(suggestion($0))\n" } ?? ""
                text += "  - {name: \(name(address)), register: \"\(plan.table.rawValue):\(address)\", "
                text += "type: \(plan.table.isBits ? "bool" : "uint16")}  # \(shown(value))\n"
            }
        }
        return text
    }

    /// Registers a request of the profile may ask for: what was answered, in the unit of `max_registers`, which packs
    /// sixteen bits.
    private var maxRegisters: Int {
        max(1, min(RegisterTable.holding.protocolLimit, plan.table.isBits ? largestBlock / 16 : largestBlock))
    }

    private var limitText: String {
        let items = plan.table.isBits ? "bits" : "registers"
        guard let refused = refusedBlock else {
            return
                "The largest block that was answered: \(largestBlock) \(items). None was refused for its size."
        }
        return "The largest block that was answered: \(largestBlock) \(items); of \(refused.count): \(refused.by)."
    }

    private func name(_ address: Int) -> String {
        let digits = String(address)
        return (plan.table.isBits ? "b" : "r") + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private func suggestion(_ guess: FloatGuess) -> String {
        let address = Int(guess.place.start)
        return "{name: \(name(address)), register: \"\(plan.table.rawValue):\(address)\", type: float32, "
            + "order: \(guess.order.rawValue)}, then \(guess.value)"
    }

    private func shown(_ value: UInt16) -> String {
        if plan.table.isBits { return String(value) }
        let hex = String(value, radix: 16, uppercase: true)
        return "0x\(String(repeating: "0", count: 4 - hex.count))\(hex) \(value)"
    }
}
