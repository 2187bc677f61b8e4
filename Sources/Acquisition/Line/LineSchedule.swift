import Plant

/// When the groups of a line are due. Deadlines are absolute, on a grid that never drifts; a scan whose whole period
/// has passed is left out and counted, never queued.
struct LineSchedule: Sendable {
    /// A line looks up at least this often, in nanoseconds, so that the watchdog can tell sleeping from stuck.
    static let longestSleep: Int64 = 2_000_000_000
    /// A scan that begins later than this part of its period counts as late.
    static let lateShare: Int64 = 10

    struct Slot: Sendable {
        let period: Int64
        /// Where the grid begins.
        let anchor: Int64
        /// When it is due, in monotonic nanoseconds.
        var due: Int64
        /// False when it was called out of turn: it is then neither late nor does it leave others out.
        var onGrid = true
    }

    private(set) var slots: [Slot]

    init(_ plan: LinePlan, now: Int64) {
        slots = plan.groups.map {
            let anchor = now + $0.phase.nanoseconds
            return Slot(period: max(1, $0.period.nanoseconds), anchor: anchor, due: anchor)
        }
    }

    /// The group is scanned now: moves it to its next place on the grid.
    ///
    /// - Returns: by how many nanoseconds it is late, `nil` out of turn; whether that is a tenth of its period or more;
    ///   and how many scans before it had to be left out.
    mutating func take(_ group: Int, at now: Int64) -> (lateness: Int64?, late: Bool, skipped: Int) {
        let slot = slots[group]
        slots[group].due = nextOnGrid(group, after: now)
        slots[group].onGrid = true
        guard slot.onGrid else { return (nil, false, 0) }
        let lateness = now - slot.due
        return (lateness, lateness > slot.period / LineSchedule.lateShare, Int(max(0, lateness / slot.period)))
    }

    /// Calls a group out of turn.
    mutating func call(_ group: Int, at time: Int64) {
        slots[group].due = time
        slots[group].onGrid = false
    }

    private func nextOnGrid(_ group: Int, after now: Int64) -> Int64 {
        let slot = slots[group]
        guard now >= slot.anchor else { return slot.anchor }
        return slot.anchor + ((now - slot.anchor) / slot.period + 1) * slot.period
    }
}
