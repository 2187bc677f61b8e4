extension PerformanceReport {
    /// Three raises within a minute.
    public struct Chattering: Hashable, Sendable, Codable {
        public let alarms: KeyFigure
        public let list: [Alarm]

        public struct Alarm: Hashable, Sendable, Codable {
            public let alarm: String
            public let runs: Int
            /// Raises that belong to a run.
            public let raises: Int
        }
    }

    /// Gone before anybody could act. No target is published.
    public struct Fleeting: Hashable, Sendable, Codable {
        public let count: Int
        public let list: [Alarm]

        public struct Alarm: Hashable, Sendable, Codable {
            public let alarm: String
            public let fleeting: Int
            /// Of so many.
            public let raises: Int
        }
    }

    /// Active in the operators' sight for longer than a day.
    public struct Standing: Hashable, Sendable, Codable {
        /// The most at the end of any one day.
        public let worstDay: KeyFigure
        /// At the end of the report, the oldest first.
        public let list: [Alarm]

        public struct Alarm: Hashable, Sendable, Codable {
            public let alarm: String
            public let since: Int64
        }

        enum CodingKeys: String, CodingKey {
            case worstDay = "worst_day"
            case list
        }
    }

    public struct TopTen: Hashable, Sendable, Codable {
        /// Of all annunciations.
        public let share: KeyFigure
        public let list: [Alarm]

        public struct Alarm: Hashable, Sendable, Codable {
            public let alarm: String
            public let annunciations: Int
            public let share: Double
        }
    }

    /// What is kept from operators at the end of the report, the oldest first.
    public struct Withheld: Hashable, Sendable, Codable {
        public let count: Int
        /// Milliseconds.
        public let oldestAge: Int64?
        public let list: [Alarm]

        public struct Alarm: Hashable, Sendable, Codable {
            public let alarm: String
            public let since: Int64
            public let age: Int64
            public let reason: String?
            public let who: String?

            enum CodingKeys: String, CodingKey {
                case alarm, since
                case age = "age_ms"
                case reason, who
            }
        }

        enum CodingKeys: String, CodingKey {
            case count
            case oldestAge = "oldest_age_ms"
            case list
        }
    }
}
