public import Archive
import CZones
import Plant

/// A clock on a wall of the plant: what it shows at an instant, and when its days begin.
///
/// The machine's own zones (tzdata) have the rules: those that Foundation brings do not learn of a new one.
public struct WallClock: Sendable {
    public static let utc = WallClock(name: "UTC", zone: nil)

    /// An IANA name, `Asia/Seoul`.
    public let name: String
    /// `nil` for UTC.
    private let zone: Zone?

    private init(name: String, zone: Zone?) { (self.name, self.zone) = (name, zone) }

    /// - Parameter name: an IANA name; `nil` for one that this machine does not know.
    public init?(named name: String) {
        if ["UTC", "GMT", "Etc/UTC", "Z"].contains(name) {
            self = .utc
        } else if let zone = Zone(named: name) {
            self.init(name: name, zone: zone)
        } else {
            return nil
        }
    }

    public var isUTC: Bool { zone == nil }

    /// Local time minus UTC at an instant; both in milliseconds.
    public func offset(at time: Int64) -> Int64 {
        guard let zone else { return 0 }
        return zone.offset(at: time.flooredQuotient(dividingBy: 1000)) * 1000
    }

    /// The instant at which this clock shows something; `face` is what it shows, as milliseconds if it were one of UTC.
    ///
    /// An hour that a clock shows twice is the first of the two. An hour that it leaves out begins with the change: at
    /// 02:30 of a day on which 02:00 was made 03:00, half an hour has passed since then.
    public func instant(showing face: Int64) -> Int64 {
        // No zone changes its clock twice within two days.
        let (before, after) = (offset(at: face - Self.day), offset(at: face + Self.day))
        if offset(at: face - before) != before, offset(at: face - after) == after { return face - after }
        return face - before
    }

    private static let day: Int64 = 86_400_000

    /// Where intervals of this length begin on this clock.
    public func grid(every milliseconds: Int64) -> BucketGrid {
        BucketGrid(every: .milliseconds(milliseconds)) { offset(at: $0) }
    }

    /// The first instant of the day that an instant lies in. A clock change can make it another one than midnight.
    public func dayStart(of time: Int64) -> Int64 { grid(every: Self.day).bucket(containing: time).lowerBound }
}

/// A zone of the machine; in seconds.
private final class Zone: Sendable {
    /// Never changed once it is made, which GLib promises of it, so that any thread may ask.
    nonisolated(unsafe) private let handle: OpaquePointer

    init?(named name: String) {
        guard let handle = g_time_zone_new_identifier(name) else { return nil }
        self.handle = handle
    }

    func offset(at time: Int64) -> Int64 {
        Int64(g_time_zone_get_offset(handle, g_time_zone_find_interval(handle, G_TIME_TYPE_UNIVERSAL, Int(time))))
    }

    deinit { g_time_zone_unref(handle) }
}
