import Plant

// Without `import Testing`, whose `Tag` hides ours; and `Plant.Tag` would look into the type `Plant`, not the module.

/// A tag of one type at the start of the holding registers.
func makeTag(
    _ type: ValueType, scale: Double = 1, offset: Double = 0, states: [Int: String] = [:]
) -> Tag? {
    RegisterRange(table: .holding, start: 0, count: type.registers).map { registers in
        Tag(
            id: 0, name: "F-01.pv", localName: "pv", controller: 0, registers: registers, type: type, scale: scale,
            offset: offset, states: states, group: 0, slot: 0)
    }
}
