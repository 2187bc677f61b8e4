/// The figures of EEMUA 191 and ISA-18.2 for one operator position. Times are UTC milliseconds, shares are percent.
public struct PerformanceReport: Hashable, Sendable, Codable {
    /// From `from`, up to but not including `to`.
    public let from: Int64
    public let to: Int64
    public let annunciations: Int
    public let rate: Rate
    public let buckets: Buckets
    public let peak: Peak
    public let floods: Floods
    public let chattering: Chattering
    public let fleeting: Fleeting
    public let standing: Standing
    public let topTen: TopTen
    /// The mix of what was annunciated…
    public let annunciated: PriorityMix
    /// …and of the alarms there are; `nil` when they are not known.
    public let configured: PriorityMix?
    public let shelved: Withheld
    public let suppressed: Withheld
    public let outOfService: Withheld
    public let acknowledgement: Acknowledgement
    public let days: [Day]
    /// Records that came out of order and were counted at the time of the one before them.
    public let late: Int

    enum CodingKeys: String, CodingKey {
        case from, to, annunciations, rate, buckets, peak, floods, chattering, fleeting, standing
        case topTen = "top_ten"
        case annunciated, configured, shelved, suppressed
        case outOfService = "out_of_service"
        case acknowledgement, days, late
    }

    /// Averages over the whole time.
    public struct Rate: Hashable, Sendable, Codable {
        public let perDay: KeyFigure
        public let perHour: KeyFigure
        public let perTenMinutes: KeyFigure

        enum CodingKeys: String, CodingKey {
            case perDay = "per_day"
            case perHour = "per_hour"
            case perTenMinutes = "per_ten_minutes"
        }
    }

    /// Fixed ten minutes of UTC: how many there were, with more than one annunciation, with ten or more, and the busiest.
    public struct Buckets: Hashable, Sendable, Codable {
        public let count: Int
        public let overOne: Int
        public let tenOrMore: Int
        public let busiest: Int
        public let busiestAt: Int64?

        enum CodingKeys: String, CodingKey {
            case count
            case overOne = "over_one"
            case tenOrMore = "ten_or_more"
            case busiest
            case busiestAt = "busiest_at"
        }
    }

    /// The most within a sliding window, and the end of that window.
    public struct Peak: Hashable, Sendable, Codable {
        public let hour: KeyFigure
        public let hourAt: Int64?
        public let tenMinutes: KeyFigure
        public let tenMinutesAt: Int64?
        public let minute: KeyFigure
        public let minuteAt: Int64?

        enum CodingKeys: String, CodingKey {
            case hour
            case hourAt = "hour_at"
            case tenMinutes = "ten_minutes"
            case tenMinutesAt = "ten_minutes_at"
            case minute
            case minuteAt = "minute_at"
        }
    }

    public struct Floods: Hashable, Sendable, Codable {
        /// Of the time.
        public let share: KeyFigure
        public let list: [Flood]
    }

    public struct Flood: Hashable, Sendable, Codable {
        public let begin: Int64
        public internal(set) var end: Int64
        /// Annunciations, those that began it included.
        public internal(set) var count: Int
        /// The most within ten minutes.
        public internal(set) var peak: Int
        /// It went on when the report ended.
        public internal(set) var ongoing: Bool
    }

    public struct Acknowledgement: Hashable, Sendable, Codable {
        public let count: Int
        /// Milliseconds, within 1 %.
        public let median: Int64?
        public let ninetyFifth: Int64?

        enum CodingKeys: String, CodingKey {
            case count
            case median = "p50_ms"
            case ninetyFifth = "p95_ms"
        }
    }

    /// One day of UTC, or the part of it that the report covers.
    public struct Day: Hashable, Sendable, Codable {
        public let date: String
        public let annunciations: Int
        /// Active for longer than a day at its end.
        public let standing: Int
    }
}
