import Plant

extension [TagDraft] {
    /// Reports tags of one controller that read the same registers. Bits of one word may stand beside each other and
    /// over the whole number they are part of, as a status and its bits do; anything else is one value read in two
    /// ways, of which at least one is wrong.
    func reportOverlaps(to findings: Findings) {
        let ordered = indices.compactMap { index in self[index].registers.map { (index: index, place: $0) } }.sorted {
            ($0.place.table, $0.place.start, $0.index) < ($1.place.table, $1.place.start, $1.index)
        }
        var open: [(index: Int, place: RegisterRange)] = []
        for (index, place) in ordered {
            let tag = self[index]
            open.removeAll { !$0.place.reaches(place) }
            for other in open where !tag.shares(with: self[other.index]) {
                let (first, second) = index < other.index ? (tag, self[other.index]) : (self[other.index], tag)
                findings.report(
                    "register: found \(second.placeText) of \(second.name), which overlaps \(first.placeText) of "
                        + "\(first.name), expected each register to be read once",
                    at: second.sourcePlace)
            }
            open.append((index, place))
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
        switch (bits, other.bits) {
        case (let bits?, let others?): !bits.overlaps(others)
        case (.some, nil): other.isWhole
        case (nil, .some): isWhole
        case (nil, nil): false
        }
    }

    fileprivate var placeText: String {
        guard let registers else { return type.word }
        guard let bits else { return "\(type.word) at \(registers)" }
        let text = bits.count == 1 ? "bit \(bits.lowerBound)" : "bits \(bits.lowerBound)-\(bits.upperBound)"
        return "\(type.word) at \(registers) \(text)"
    }
}
