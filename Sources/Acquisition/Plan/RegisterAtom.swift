import Plant

/// A run of registers that must come in one reply, and the tags in it: a value and whatever lies within it, as bits
/// within their word, or all tags that the configuration keeps together. Two replies can show two different moments.
struct RegisterAtom: Sendable, Hashable {
    let table: RegisterTable
    /// Wire addresses.
    private(set) var places: Range<Int>
    private(set) var tags: [Tag.ID]
    /// Items of it that a tag uses.
    private(set) var used: Set<Int>

    private init(_ tag: Tag, _ registers: RegisterRange) {
        table = registers.table
        places = Int(registers.start)..<registers.end
        tags = [tag.id]
        used = Set(places)
    }

    private func holds(_ other: RegisterAtom) -> Bool {
        places.lowerBound <= other.places.lowerBound && other.places.upperBound <= places.upperBound
    }

    private mutating func join(_ other: RegisterAtom) {
        places = min(places.lowerBound, other.places.lowerBound)..<max(places.upperBound, other.places.upperBound)
        tags += other.tags
        used.formUnion(other.used)
    }

    /// The atoms of some tags, in the order of table and address. Tags that are not read have none.
    static func all(of tags: some Sequence<Tag>) -> [RegisterAtom] {
        var kept: [Int: RegisterAtom] = [:]
        var atoms: [RegisterAtom] = []
        for tag in tags {
            guard let registers = tag.registers else { continue }
            let atom = RegisterAtom(tag, registers)
            guard let number = tag.together else {
                atoms.append(atom)
                continue
            }
            if kept[number] == nil { kept[number] = atom } else { kept[number]?.join(atom) }
        }
        atoms += kept.values
        atoms.sort {
            ($0.table, $0.places.lowerBound, $0.places.upperBound, $0.tags[0])
                < ($1.table, $1.places.lowerBound, $1.places.upperBound, $1.tags[0])
        }
        var merged: [RegisterAtom] = []
        for atom in atoms {
            if let last = merged.last, last.table == atom.table, last.holds(atom) || atom.holds(last) {
                merged[merged.count - 1].join(atom)
            } else {
                merged.append(atom)
            }
        }
        return merged
    }
}
