import Plant

extension [TagDraft] {
    /// Reports tags of one controller that read the same registers. Bits of one word may stand beside each other and
    /// over the whole number they are part of, as a status and its bits do; anything else is one value read in two
    /// ways, of which at least one is wrong.
    func reportOverlaps(to findings: Findings) {
        var open: [ReadTag] = []
        for tag in readTags.sorted(by: ReadTag.isBefore) {
            open.removeAll { !$0.place.reaches(tag.place) }
            for other in open where !tag.draft.shares(with: other.draft) {
                let (first, second) = tag.index < other.index ? (tag.draft, other.draft) : (other.draft, tag.draft)
                findings.report(
                    "register: found \(second.placeText) of \(second.name), which overlaps \(first.placeText) of "
                        + "\(first.name), expected each register to be read once",
                    at: second.source.place)
            }
            open.append(tag)
        }
    }

    private var readTags: [ReadTag] {
        enumerated().compactMap { index, draft in
            draft.registers.map { ReadTag(index: index, draft: draft, place: $0) }
        }
    }
}

/// A tag with the registers it is read from, and its place in the list.
private struct ReadTag {
    let index: Int
    let draft: TagDraft
    let place: RegisterRange

    static func isBefore(_ a: ReadTag, _ b: ReadTag) -> Bool {
        (a.place.table, a.place.start, a.index) < (b.place.table, b.place.start, b.index)
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
