import Plant
import Testing

import struct Plant.Tag

@testable import Acquisition

@Suite struct RegisterAtomTests {
    private func atoms(_ rows: [SamplePlant.Row]) -> [RegisterAtom] {
        RegisterAtom.all(of: SamplePlant.plant([.init(rows: rows)]).tags)
    }

    private func row(
        _ table: RegisterTable, _ start: Int, _ count: Int = 1, bit: Int? = nil, together: Int? = nil
    ) -> SamplePlant.Row {
        var row = SamplePlant.Row(name: "r\(start)", registers: SamplePlant.range(table, start, count))
        if let bit { (row.type, row.bit) = (.bool, bit) }
        row.together = together
        return row
    }

    @Test func everyValueIsOneAndTheyComeInTheOrderOfTheirAddresses() {
        let atoms = atoms([row(.input, 0, 2), row(.holding, 8), row(.holding, 2, 4)])
        #expect(atoms.map(\.places) == [2..<6, 8..<9, 0..<2])
        #expect(atoms.map(\.table) == [.holding, .holding, .input])
        #expect(atoms.map(\.used) == [Set(2..<6), Set(8..<9), Set(0..<2)])
    }

    @Test func theBitsOfAWordAndTheWordComeAtOnce() {
        let rows = [row(.holding, 3)] + (0..<16).map { row(.holding, 3, bit: $0) }
        let atoms = atoms(rows)
        #expect(atoms.count == 1 && atoms[0].tags.count == 17 && atoms[0].used == [3])
    }

    @Test func aValueWithinAnotherComesWithIt() {
        let atoms = atoms([row(.holding, 10, 4), row(.holding, 12), row(.holding, 13, bit: 2)])
        #expect(atoms.map(\.places) == [10..<14] && atoms[0].tags.count == 3)
    }

    @Test func aValueThatOverlapsAnotherHalfwayIsOneOfItsOwn() {
        #expect(atoms([row(.holding, 10, 4), row(.holding, 12, 4)]).map(\.places) == [10..<14, 12..<16])
    }

    @Test func whatIsKeptTogetherIsOneFromItsFirstRegisterToItsLast() {
        let atoms = atoms([
            row(.holding, 10, 2, together: 1), row(.holding, 20, together: 1), row(.holding, 15), row(.holding, 21),
        ])
        #expect(atoms.map(\.places) == [10..<21, 21..<22])
        #expect(atoms[0].tags.count == 3, "what lies between comes with it")
        #expect(atoms[0].used == [10, 11, 15, 20], "and what no tag uses is read for nothing")
    }

    @Test func twoThatAreKeptTogetherDoNotBecomeOne() {
        let atoms = atoms([
            row(.holding, 0, together: 1), row(.holding, 2, together: 1), row(.holding, 3, together: 2),
            row(.holding, 5, together: 2),
        ])
        #expect(atoms.map(\.places) == [0..<3, 3..<6])
    }

    @Test func theSameAddressOfAnotherTableIsAnotherOne() {
        #expect(atoms([row(.holding, 3), row(.input, 3), row(.coil, 3), row(.discrete, 3)]).count == 4)
    }

    @Test func aTagThatIsNotReadHasNone() {
        var computed = row(.holding, 0)
        computed.formula = Formula(text: "1", root: .number(1))
        #expect(atoms([computed]).isEmpty)
    }

    /// Any tags: each is in one atom and wholly within it, nothing that is kept together is in two, and atoms come in
    /// the order of their ends too, so that a run of them is what lies between its first and its last.
    @Test(arguments: 0..<200)
    func everyTagIsInOneAtomAndWhollyWithinIt(seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        var rows: [SamplePlant.Row] = []
        for _ in 0..<Int.random(in: 1...40, using: &random) {
            let start = Int.random(in: 0..<60, using: &random)
            rows.append(
                row(
                    Bool.random(using: &random) ? .holding : .input, start, Int.random(in: 1...6, using: &random),
                    together: nil))
        }
        // Those that are kept together are of one table.
        for index in rows.indices where Int.random(in: 0..<4, using: &random) == 0 {
            rows[index].together = (rows[index].registers.table == .holding ? 0 : 2) + Int(random.next() % 2)
        }
        let tags = SamplePlant.plant([.init(rows: rows)]).tags
        let atoms = RegisterAtom.all(of: tags)
        #expect(atoms.flatMap(\.tags).sorted() == tags.map(\.id), "seed \(seed)")
        var homes: [Int: Int] = [:]
        for (number, atom) in atoms.enumerated() {
            for id in atom.tags {
                guard let registers = tags[id].registers else { continue }
                #expect(registers.table == atom.table, "seed \(seed)")
                #expect(atom.places.contains(Int(registers.start)) && registers.end <= atom.places.upperBound)
                if let together = tags[id].together {
                    #expect(homes[together] == nil || homes[together] == number, "seed \(seed)")
                    homes[together] = number
                }
            }
        }
        for (one, next) in zip(atoms, atoms.dropFirst()) where one.table == next.table {
            #expect(one.places.lowerBound <= next.places.lowerBound && one.places.upperBound < next.places.upperBound)
        }
    }
}
