/// One lot on a chart.
public struct LotPoint: Codable, Hashable, Sendable {
    /// The value of the lot tag.
    public let lot: Double
    /// In the tag's unit, as the laboratory gave it.
    public internal(set) var value: Double
    /// When it came first, in milliseconds.
    public let time: Int64
}

/// One rule that fired at one lot.
public struct LotSignal: Hashable, Sendable {
    public let lot: Double
    /// `rule 2`, `EWMA`, `C+`, `C-`, `Cpk`, `reject`, `indeterminate`.
    public let name: String
}

/// What a chart says about a sample that brought something new.
public struct LotVerdict: Hashable, Sendable {
    /// For the state machine. After an amendment: where the chart stands now. A signal that the amendment brings to
    /// light at an older lot is in alarm too, until the next lot.
    public var finding: Finding
    /// `nil` for a new lot. Anything else belongs into the journal as an event of its own, whatever the verdict is:
    /// a corrected assay never withdraws a signal silently.
    public var amendment: LotAmendment?

    public var isAmended: Bool { amendment != nil }
}

/// A lot that was on the chart got another value: a retest, or a slip of the pen put right.
public struct LotAmendment: Hashable, Sendable {
    public let lot: Double
    /// `nil` when the lot is no longer kept; then nothing was recomputed and the verdict is `unknown`.
    public let before: Double?
    public let after: Double
    /// What had fired, at this lot or a later one, and does not any more.
    public let withdrawn: [LotSignal]
    /// What fires now and had not.
    public let added: [LotSignal]

    public var isApplied: Bool { before != nil }

    /// `amended lot 105: 99.71 -> 99.83; rule 1 no longer fires`.
    var text: String {
        guard let before else {
            return "amended lot \(lotName(lot)): \(plain(after)); lot too old to amend, nothing recomputed"
        }
        var parts = ["amended lot \(lotName(lot)): \(plain(before)) -> \(plain(after))"]
        parts += describe(withdrawn, "no longer fires")
        parts += describe(added, "now fires")
        return parts.joined(separator: "; ")
    }

    /// One part for each rule, with the lots unless it is the amended one alone.
    private func describe(_ signals: [LotSignal], _ what: String) -> [String] {
        var names: [String] = []
        for signal in signals where !names.contains(signal.name) { names.append(signal.name) }
        return names.map { name in
            let lots = signals.filter { $0.name == name }.map(\.lot)
            if lots == [lot] { return "\(name) \(what)" }
            let shown = lots.prefix(Self.shownLots).map(lotName).joined(separator: ", ")
            let rest = lots.count > Self.shownLots ? " and \(lots.count - Self.shownLots) more" : ""
            return "\(name) \(what) at lot\(lots.count == 1 ? "" : "s") \(shown)\(rest)"
        }
    }

    /// A line for an operator names no more lots than this.
    private static let shownLots = 5
}

/// What a chart says about one point, before anybody asks what it said earlier.
struct LotJudgement {
    let lot: Double
    let finding: Finding
    /// The names of what fired.
    let signals: [String]

    init(lot: Double, _ finding: Finding, signals: [String] = []) {
        (self.lot, self.finding, self.signals) = (lot, finding, signals)
    }
}
