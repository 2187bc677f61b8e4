extension AlarmNotice {
    /// One call of an escalation: which, of how many.
    public struct Call: Hashable, Sendable {
        public var policy: String
        /// Of the policy's steps, from 1.
        public var step: Int
        /// Of the step's calls, from 1.
        public var number: Int
        public var times: Int
        public var sinks: [String]
        /// How long nobody has acknowledged.
        public var waited: Duration

        public init(policy: String, step: Int, number: Int, times: Int, sinks: [String], waited: Duration) {
            (self.policy, self.step, self.number, self.times) = (policy, step, number, times)
            (self.sinks, self.waited) = (sinks, waited)
        }
    }

    /// Nobody has acted upon the alarm of a notice, so somebody else is told of it.
    ///
    /// It is about the same occurrence and revision, for that is what an acknowledgement must name, and it is no new
    /// annunciation of the alarm: see ``isCall``.
    ///
    /// - Parameters:
    ///   - notice: of what operators were told, with the state the alarm is in now.
    ///   - time: UTC milliseconds.
    public static func call(_ call: Call, about notice: AlarmNotice, at time: Int64) -> AlarmNotice {
        let isGone = ["RTNUN", "LATUN"].contains(notice.state)
        let text =
            "\(notice.text)\(isGone ? ", gone meanwhile" : ""), nobody acknowledged for \(words(call.waited)): "
            + "call \(call.number) of \(call.times), step \(call.step) of policy \(call.policy)"
        return AlarmNotice(
            id: notice.id, occ: notice.occ, rev: notice.rev, what: DaemonEvent.escalate.rawValue, state: notice.state,
            priority: notice.priority, tag: notice.tag, value: notice.value, unit: notice.unit, figure: notice.figure,
            limit: notice.limit, level: notice.level, quality: notice.quality, sourceTime: time, receivedTime: time,
            effectiveTime: time, guidance: notice.guidance, responseSeconds: notice.responseSeconds,
            cause: notice.cause, consequence: notice.consequence, alarmClass: notice.alarmClass, text: text,
            annunciated: true, told: "single", onlyTo: call.sinks,
            topPriority: notice.topPriority, raisedTime: notice.raisedTime)
    }

    /// It calls somebody about an alarm that operators were told of already: figures of an alarm system do not count it
    /// again, and it changes nothing about how the alarm stands.
    public var isCall: Bool { what == DaemonEvent.escalate.rawValue }

    /// `45 s`, `5 min`, `3 h`: whole units, rounded down, below three of the next larger one.
    private static func words(_ duration: Duration) -> String {
        let seconds = max(0, duration.components.seconds)
        switch seconds {
        case ..<180: return "\(seconds) s"
        case ..<10_800: return "\(seconds / 60) min"
        default: return "\(seconds / 3600) h"
        }
    }
}
