import Plant
import PlantConfiguration
import Testing

@Suite struct TypedRegisterTests {
    @Test(arguments: [
        ("holding:10", AddressNotation.zeroBased, RegisterTable.holding, 10),
        ("hr:10", .zeroBased, .holding, 10),
        ("ir:0x1f", .zeroBased, .input, 31),
        ("c:0", .zeroBased, .coil, 0),
        ("di:65535", .zeroBased, .discrete, 65_535),
        ("holding:11", .oneBased, .holding, 10),
        // Hex and the x form say themselves what they mean.
        ("hr:0x0A", .oneBased, .holding, 10),
        ("4x00011", .zeroBased, .holding, 10),
        ("4x00011", .oneBased, .holding, 10),
        ("40011", .modicon, .holding, 10),
        ("300001", .modicon, .input, 0),
        ("465536", .modicon, .holding, 65_535),
        ("00017", .modicon, .coil, 16),
        // What was printed for an instrument with Modicon numbers.
        ("holding:10", .modicon, .holding, 10),
        ("coil:0x0010", .modicon, .coil, 16),
    ])
    func everyFormIsUnderstood(text: String, notation: AddressNotation, table: RegisterTable, address: Int) throws {
        let found = try TypedRegister(text, notation: notation)
        #expect(found.table == table)
        #expect(found.address == address)
    }

    @Test(arguments: [
        (
            "40011", AddressNotation.zeroBased,
            "expected \"holding:10\", for bare Modicon numbers need notation: modicon"
        ),
        ("10.1", .modicon, "expected a Modicon number such as"),
        ("holding:10.1", .zeroBased, "expected a whole register, without a bit"),
        ("40011.3", .modicon, "expected a whole register, without a bit"),
        ("holding:-1", .zeroBased, "expected a register such as"),
        ("holding:0", .oneBased, "expected a register from 1 to 65536"),
        ("holding:65536", .zeroBased, "expected a register from 0 to 65535"),
        ("register:1", .zeroBased, "found table \"register\", expected coil, discrete, input or holding"),
        ("4x00000", .zeroBased, "expected a register from 1 to 65536 behind the table's digit"),
        ("20001", .modicon, "expected the first digit 0 (coil), 1 (discrete), 3 (input) or 4 (holding)"),
        ("holding:1:2", .zeroBased, "expected a register such as"),
        ("holding:0x", .zeroBased, "expected a register such as"),
        ("0x00017", .zeroBased, "expected a table in front, such as \"coil:0x0009\""),
        ("", .zeroBased, "expected a register such as"),
    ])
    func whatIsNoRegisterIsNamedWithWhatCouldStandThere(text: String, notation: AddressNotation, expected: String) {
        let mistake = #expect(throws: TypedRegister.Mistake.self) { try TypedRegister(text, notation: notation) }
        #expect(mistake?.description.contains(expected) == true, "\(mistake?.description ?? "")")
    }
}
