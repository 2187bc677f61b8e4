import Plant
import Testing

@Suite struct FormulaTests {
    /// The pseudo-resistance of an electrolysis cell, (U - 1.6) / I: what tells an anode effect from a load change.
    private let resistance = Formula(text: "(u - 1.6) / i", root: .divide(.subtract(.tag(4), .number(1.6)), .tag(7)))

    @Test func aFormulaIsEvaluatedOverItsInputs() {
        let values = [4: 4.6, 7: 1500.0]
        #expect(resistance.inputs == [4, 7])
        #expect(abs(resistance.value { values[$0] ?? .nan } - 0.002) < 1e-15)
    }

    @Test func aDivisionByZeroHasNoFiniteValue() {
        #expect(!resistance.value { $0 == 4 ? 4.6 : 0 }.isFinite)
    }

    @Test func anInputIsNeededOnceHoweverOftenItIsUsed() {
        let formula = Formula(text: "a * a + b", root: .add(.multiply(.tag(2), .tag(2)), .tag(1)))
        #expect(formula.inputs == [2, 1])
    }

    @Test(arguments: [
        (Formula.Function.abs, [-2.0], 2.0), (.sqrt, [9], 3), (.exp, [0], 1), (.ln, [1], 0), (.log10, [1000], 3),
        (.min, [3, 1, 2], 1), (.max, [3, 1, 2], 3), (.mean, [3, 1, 2], 2),
    ])
    func functionsDoWhatTheirNamesSay(function: Formula.Function, arguments: [Double], value: Double) {
        let formula = Formula(text: "", root: .call(function, arguments.map { .number($0) }))
        #expect(abs(formula.value { _ in .nan } - value) < 1e-12)
    }

    @Test(arguments: [Formula.Function.min, .max, .mean])
    func whatIsNotANumberIsNeverLost(function: Formula.Function) {
        for arguments in [[Double.nan, 1], [1, .nan]] {
            #expect(Formula(text: "", root: .call(function, arguments.map { .number($0) })).value { _ in 0 }.isNaN)
        }
    }

    @Test func anotherNumberingOfTagsChangesNothingElse() {
        let other = resistance.renumbered { $0 + 100 }
        #expect(other.inputs == [104, 107])
        #expect(abs(other.value { $0 == 104 ? 4.6 : 1500 } - 0.002) < 1e-15)
        #expect(Formula(text: "-x ^ 2", root: .negate(.power(.tag(0), .number(2)))).value { _ in 3 } == -9)
    }
}
