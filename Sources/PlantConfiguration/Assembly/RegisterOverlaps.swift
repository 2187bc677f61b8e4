import Plant

extension [TagDraft] {
    /// Reports tags of one controller that read the same registers. Bits of one word may stand beside each other and
    /// over the whole number they are part of, as a status and its bits do; anything else is one value read in two ways, of which
    /// at least one is wrong.
    func reportOverlaps(to findings: Findings) {
        let ordered = indices.sorted {
            (self[$0].registers.table, self[$0].registers.start, $0)
                < (self[$1].registers.table, self[$1].registers.start, $1)
        }
        var open: [Int] = []
        for index in ordered {
            let tag = self[index]
            open.removeAll { !self[$0].registers.reaches(tag.registers) }
            for other in open where !tag.shares(with: self[other]) {
                let (first, second) = index < other ? (tag, self[other]) : (self[other], tag)
                findings.report(
                    "register: found \(second.placeText) of \(second.name), which overlaps \(first.placeText) of "
                        + "\(first.name), expected each register to be read once",
                    at: second.registerPlace)
            }
            open.append(index)
        }
    }
}

extension RegisterRange {
    fileprivate func reaches(_ next: RegisterRange) -> Bool { table == next.table && end > Int(next.start) }
}

extension TagDraft {
    /// A whole number may be a status whose bits have names: one word, or two as in the Omron E5CC (H175 section 3-2).
    private var isWhole: Bool {
        switch type {
        case .int16, .uint16, .int32, .uint32, .int64, .uint64: true
        case .bool, .float32, .float64, .bcd16, .bcd32, .signmag16, .signmag32, .string: false
        }
    }

    fileprivate func shares(with other: TagDraft) -> Bool {
        switch (bit, other.bit) {
        case (let bit?, let otherBit?): bit != otherBit
        case (.some, nil): other.isWhole
        case (nil, .some): isWhole
        case (nil, nil): false
        }
    }

    fileprivate var placeText: String {
        "\(type.word) at \(registers.table.rawValue):\(registers.start)\(bit.map { ".\($0)" } ?? "")"
    }
}
