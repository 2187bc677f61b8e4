/// How the alarm system keeps operators able to act when many alarms come at once. It decides how an event is told,
/// never whether it is recorded.
public struct Supervision: Hashable, Sendable {
    /// More than an operator can take in: alarms of low and medium priority are summed up.
    public let flood: Flood
    /// One alarm that goes to and fro.
    public let chatter: Chatter
    /// Many alarms that come out of suppression together.
    public let massExit: MassExit

    public struct Flood: Hashable, Sendable {
        /// A flood begins with so many annunciations within `window` (EEMUA 191: 10 in 10 minutes for one operator)…
        public let starts: Int
        /// …and ends with fewer than this.
        public let ends: Int
        public let window: Duration
        /// How often the sum is told.
        public let digestEvery: Duration

        public init(
            starts: Int = 10, ends: Int = 5, window: Duration = .seconds(600), digestEvery: Duration = .seconds(30)
        ) {
            (self.starts, self.ends, self.window, self.digestEvery) = (starts, ends, window, digestEvery)
        }
    }

    public struct Chatter: Hashable, Sendable {
        /// It chatters when its last `changes` + 1 changes lie within `window` (the rule of C2MON, 6 in 60 s)…
        public let changes: Int
        public let window: Duration
        /// …and no longer after this long without a change.
        public let hold: Duration

        public init(changes: Int = 6, window: Duration = .seconds(60), hold: Duration = .seconds(180)) {
            (self.changes, self.window, self.hold) = (changes, window, hold)
        }
    }

    public struct MassExit: Hashable, Sendable {
        /// More than so many are told as one.
        public let alarms: Int
        public let window: Duration

        public init(alarms: Int = 5, window: Duration = .seconds(2)) { (self.alarms, self.window) = (alarms, window) }
    }

    public init(flood: Flood = Flood(), chatter: Chatter = Chatter(), massExit: MassExit = MassExit()) {
        (self.flood, self.chatter, self.massExit) = (flood, chatter, massExit)
    }
}
