import Plant

/// Says whether the wall clock can be believed for what cannot be taken back.
///
/// A clock that is ten days ahead for a few seconds must not delete ten days of readings. So it is believed only when
/// it has gone along with the monotonic clock for hours, and, when it came up far behind the newest reading, for a week:
/// a machine whose battery is empty may begin in any year.
struct SteadyClock {
    /// A step beyond it counts, milliseconds; time synchronisation slews what is smaller.
    static let slack: Int64 = 2000
    /// How long it must have gone along, milliseconds.
    static let patience: Int64 = 6 * 3_600_000
    /// The same when it came up later than `standstill` after the newest reading, in milliseconds.
    static let longPatience: Int64 = 7 * 86_400_000
    static let standstill: Int64 = 30 * 86_400_000

    private let clock: any PlantClock
    /// Wall clock minus monotonic clock, milliseconds, and since when on the monotonic one.
    private var offset: Int64?
    private var since: Int64 = 0
    private var isLate = false

    init(_ clock: any PlantClock) { self.clock = clock }

    /// - Parameter newest: the time of the newest reading, asked for when the clock begins or has stepped.
    mutating func isSteady(newest: () throws(HistoryError) -> Int64?) throws(HistoryError) -> Bool {
        let (wall, monotonic) = (clock.wall() / 1_000_000, clock.monotonic() / 1_000_000)
        let offset = wall - monotonic
        if let known = self.offset, abs(offset - known) <= SteadyClock.slack {
            self.offset = offset
        } else {
            (self.offset, since) = (offset, monotonic)
            isLate = try newest().map { wall - $0 > SteadyClock.standstill } ?? false
        }
        return monotonic - since >= (isLate ? SteadyClock.longPatience : SteadyClock.patience)
    }
}
