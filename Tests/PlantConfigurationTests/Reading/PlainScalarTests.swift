import Testing

@testable import PlantConfiguration

@Suite struct PlainScalarTests {
    @Test(
        arguments: [
            ("", .nothing), ("~", .nothing), ("null", .nothing), ("true", .flag(true)), ("false", .flag(false)),
            ("yes", .text), ("on", .text), ("True", .text), ("0", .integer(0)), ("-12", .integer(-12)),
            ("+5", .integer(5)),
            ("0x1F", .integer(31)), ("-0x10", .integer(-16)), ("0x", .text), ("0xG", .text), ("0x-1", .text),
            ("1.5", .number(1.5)), (".5", .number(0.5)), ("1e3", .number(1000)), ("-2.5E-1", .number(-0.25)),
            ("0.0", .number(0)), ("010", .doubtfulNumber), ("-01.5", .doubtfulNumber), ("0o17", .doubtfulNumber),
            (".nan", .doubtfulNumber), ("-.inf", .doubtfulNumber), ("1e999", .doubtfulNumber),
            ("99999999999999999999", .number(1e20)), ("nan", .text), ("inf", .text), ("1_000", .text), ("1:30", .text),
            ("1.2.3", .text), ("2026-01-02", .text), ("-", .text), (".", .text), ("e", .text), ("0x1p3", .text),
            ("١٢", .text), ("soak", .text),
        ] as [(String, PlainScalar)])
    func readsLikeTheStrictCoreSchema(_ text: String, _ expected: PlainScalar) {
        #expect(PlainScalar(plain: text) == expected)
    }
}
