import Plant

/// What a person hears about a daemon that goes and comes back.
struct LossReport {
    /// Whoever waits for the daemon hears so often that it still does.
    static let complainEvery: Duration = .seconds(60)

    /// It is gone, or refuses: until it sends something that we take.
    private(set) var isLost = false
    /// CLOCK_MONOTONIC nanoseconds when a person heard of it last; `nil` before the first time.
    private var complained: Int64?

    private var clock: SystemClock { SystemClock() }
    private var now: String { UTCTime.text(clock.wall() / 1_000_000) }

    /// Says that the daemon is not there: at first, and each minute for who comes later.
    mutating func complain(_ what: String, _ reason: String, after place: StreamPlace?) {
        let isRepeated = isLost
        isLost = true
        let moment = clock.monotonic()
        if isRepeated, let complained, moment - complained < Self.complainEvery.nanoseconds { return }
        complained = moment
        let place = place.map { ", after event \($0.sequence)" } ?? ""
        let still = isRepeated ? "still " : ""
        Output.complain("cupel: the alarm daemon \(still)\(what) at \(now) (\(reason)); trying again\(place)")
    }

    /// A line came from it: it is back. Its hello alone says little, it may refuse after it.
    mutating func welcome(after place: StreamPlace?) {
        guard isLost else { return }
        isLost = false
        let place = place.map { "; going on after event \($0.sequence)" } ?? ""
        Output.complain("cupel: the alarm daemon is back at \(now)\(place)")
    }

    /// The last word of a command that does not try again.
    ///
    /// - Parameter keepsPlace: a cursor knows where to go on; without one the person must.
    func end(_ reason: String, isRefusal: Bool, after place: StreamPlace?, keepsPlace: Bool) {
        let advice = place.map { place in
            "; the last event seen was \(place.sequence)"
                + (keepsPlace ? "" : ": resume with --since \(place.sequence)")
        }
        let what = isRefusal ? "the alarm daemon refuses: \(reason)" : "THE ALARM DAEMON IS GONE at \(now) (\(reason))"
        Output.complain("cupel: \(what)\(advice ?? "")")
    }
}
