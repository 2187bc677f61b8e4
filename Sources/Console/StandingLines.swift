import Annunciation
import Plant
import Synchronization

/// What stands, as lines, made once for all readers that come at about the same time: a thousand that came together in a
/// storm cost as many sorted and encoded lists, and lines were up to 12 s late for everybody (measured).
final class StandingLines: Sendable {
    /// The values in them are no older.
    static let ageLimit: Duration = .seconds(1)

    private struct Made {
        var lines: [AlarmLine]
        /// They show what this event and all before it did.
        var sequence: Int64
        /// CLOCK_MONOTONIC nanoseconds.
        var time: Int64
    }

    private let made = Mutex<Made?>(nil)

    /// - Parameters:
    ///   - sequence: the event after which the reader goes on: the lines show what it and all before it did.
    ///   - newest: the newest event that was published.
    ///   - make: makes them; whoever asks meanwhile waits, and shares them.
    func lines(
        upTo sequence: Int64, at now: Int64, newest: () -> Int64, make: () -> [AlarmLine]
    ) -> [AlarmLine] {
        made.withLock { made in
            if let made, made.sequence >= sequence, now - made.time < Self.ageLimit.nanoseconds { return made.lines }
            // Before they are made: an event is published after it took effect.
            let newest = newest()
            let lines = make()
            made = Made(lines: lines, sequence: newest, time: now)
            return lines
        }
    }
}
