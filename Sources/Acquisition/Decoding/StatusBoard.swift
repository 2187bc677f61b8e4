import Plant

/// The newest raw values of a controller's status tags: what other values of it are judged by.
struct StatusBoard: Sendable {
    private var statuses: [UInt64?]

    /// - Parameter count: one place for each status tag of the controller.
    init(count: Int) { statuses = Array(repeating: nil, count: count) }

    /// The tags that the status rules of some tags ask about, each once.
    static func tags(of judged: some Sequence<Tag.ID>, in tags: [Tag]) -> [Tag.ID] {
        judged.compactMap { tags[$0].rules.status?.tag }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// The raw bits of a status; `nil` when it was not read well.
    subscript(place: Int) -> UInt64? { statuses[place] }

    /// - Parameter status: `nil` when it could not be read, or is bad itself.
    mutating func saw(_ status: UInt64?, at place: Int) { statuses[place] = status }

    /// The controller was lost: nothing is known of it until it is read again.
    mutating func forget() {
        for place in statuses.indices { statuses[place] = nil }
    }
}

/// A `StatusRule` in flat tables, for the loop over the readings.
struct StatusJudge: Sendable {
    private enum Kind: UInt8 { case isOne, isNone, anyBit, anyBitClear }

    private struct Test: BitwiseCopyable {
        let kind: Kind
        let quality: Quality
        let mask: UInt64
        let first: Int
        let end: Int
    }

    /// The most statuses that are asked after each other: a status whose own status is unknown is unknown. Two are
    /// rare, and a circle must end.
    static let longestChain = 4

    /// The place of the status on the board; `nil` when it has none, and then nobody ever knows it.
    let place: Int?
    private let tests: [Test]
    private let values: [UInt64]

    init(_ rule: StatusRule, statuses: [Tag.ID]) {
        place = statuses.firstIndex(of: rule.tag)
        var values: [UInt64] = []
        tests = rule.tests.map { test in
            let first = values.count
            let (kind, mask): (Kind, UInt64)
            switch test.condition {
            case .isOne(let listed):
                values += listed
                (kind, mask) = (.isOne, 0)
            case .isNone(let listed):
                values += listed
                (kind, mask) = (.isNone, 0)
            case .anyBit(let bits): (kind, mask) = (.anyBit, bits)
            case .anyBitClear(let bits): (kind, mask) = (.anyBitClear, bits)
            }
            return Test(kind: kind, quality: test.quality, mask: mask, first: first, end: values.count)
        }
        self.values = values
    }

    /// What a value is worth under this status: the first test that holds decides.
    func quality(under status: UInt64) -> Quality {
        for test in tests {
            let holds =
                switch test.kind {
                case .isOne: isListed(status, test)
                case .isNone: !isListed(status, test)
                case .anyBit: status & test.mask != 0
                case .anyBitClear: ~status & test.mask != 0
                }
            if holds { return test.quality }
        }
        return .good
    }

    private func isListed(_ status: UInt64, _ test: Test) -> Bool {
        for index in test.first..<test.end where values[index] == status { return true }
        return false
    }
}

extension [StatusJudge?] {
    /// What a value is worth under the statuses on the board; `self` has the judges of the statuses themselves.
    func quality(_ judge: StatusJudge, _ board: StatusBoard, chain: Int = StatusJudge.longestChain) -> Quality {
        guard let place = judge.place, let status = board[place] else { return .statusUnknown }
        // A word that carries its own fault bits is judged by itself, once.
        if chain > 1, let own = self[place], own.place != place, quality(own, board, chain: chain - 1).isBad {
            return .statusUnknown
        }
        return judge.quality(under: status)
    }
}
