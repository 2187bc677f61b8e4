public import Plant

/// What a replay gives beside what really happened.
public struct Comparison: Codable, Hashable, Sendable {
    public var recorded: Tally
    public var replayed: Tally
    /// Alarms whose events differ in anything that is counted here, ascending by name.
    public var alarms: [AlarmComparison]
    /// The newest raises that only one of the two has.
    public var onlyRecorded: [Occurrence]
    public var onlyReplayed: [Occurrence]
    /// Every event is the same, in all that its line shows.
    public var isSame: Bool

    /// Raises of which so many are listed.
    public static let listed = 20
    /// Two raises of one alarm are the same excursion when they are no further apart.
    public static let tolerance: Duration = .seconds(600)

    public struct Occurrence: Codable, Hashable, Sendable {
        public var alarm: String
        /// UTC milliseconds.
        public var time: Int64
    }

    /// - Parameter range: UTC milliseconds; other events are left out.
    public init(
        recorded: [ReplayEvent], replayed: [ReplayEvent], in plant: Plant, range: Range<Int64>,
        tolerance: Duration = Comparison.tolerance
    ) {
        let recorded = recorded.filter { range.contains($0.time) }.sorted(by: ReplayEvent.isBefore)
        let replayed = replayed.filter { range.contains($0.time) }.sorted(by: ReplayEvent.isBefore)
        self.recorded = Tally(recorded, in: plant, until: range.upperBound)
        self.replayed = Tally(replayed, in: plant, until: range.upperBound)
        isSame = recorded.count == replayed.count && zip(recorded, replayed).allSatisfy { $0.isLike($1) }
        let before = Dictionary(grouping: recorded, by: \.alarm)
        let after = Dictionary(grouping: replayed, by: \.alarm)
        let all = Set(before.keys).union(after.keys).sorted().map { name in
            AlarmComparison.pairing(
                name, before[name] ?? [], after[name] ?? [], tolerance: tolerance.milliseconds)
        }
        alarms = all.map(\.comparison).filter(\.differs)
        func newest(_ lost: [Occurrence]) -> [Occurrence] {
            Array(lost.sorted { ($0.time, $0.alarm) < ($1.time, $1.alarm) }.suffix(Comparison.listed))
        }
        onlyRecorded = newest(all.flatMap(\.recorded))
        onlyReplayed = newest(all.flatMap(\.replayed))
    }
}

/// One alarm of both accounts.
public struct AlarmComparison: Codable, Hashable, Sendable {
    public var alarm: String
    /// Annunciations.
    public var recorded = 0
    public var replayed = 0
    /// Raises that both have.
    public var matched = 0
    public var onlyRecorded = 0
    public var onlyReplayed = 0
    /// How much later the replay's raises come, in milliseconds, negative for earlier; `nil` when none matched.
    public var laterMedian: Int64?
    public var earliest: Int64?
    public var latest: Int64?

    var differs: Bool {
        recorded != replayed || onlyRecorded > 0 || onlyReplayed > 0 || earliest ?? 0 != 0 || latest ?? 0 != 0
    }
}

extension AlarmComparison {
    fileprivate typealias Pairing = (
        comparison: AlarmComparison, recorded: [Comparison.Occurrence], replayed: [Comparison.Occurrence]
    )

    /// - Parameters:
    ///   - before, after: the alarm's events in the two accounts, ascending.
    ///   - tolerance: milliseconds.
    fileprivate static func pairing(
        _ alarm: String, _ before: [ReplayEvent], _ after: [ReplayEvent], tolerance: Int64
    ) -> Pairing {
        let pairs = RaisePairs(
            before.filter(\.isRaise).map(\.time), after.filter(\.isRaise).map(\.time), tolerance: tolerance)
        let shifts = pairs.shifts.sorted()
        let comparison = AlarmComparison(
            alarm: alarm, recorded: before.count { $0.annunciated }, replayed: after.count { $0.annunciated },
            matched: shifts.count, onlyRecorded: pairs.onlyBefore.count, onlyReplayed: pairs.onlyAfter.count,
            laterMedian: shifts.isEmpty ? nil : shifts[(shifts.count - 1) / 2], earliest: shifts.first,
            latest: shifts.last)
        return (
            comparison, pairs.onlyBefore.map { Comparison.Occurrence(alarm: alarm, time: $0) },
            pairs.onlyAfter.map { Comparison.Occurrence(alarm: alarm, time: $0) }
        )
    }
}
