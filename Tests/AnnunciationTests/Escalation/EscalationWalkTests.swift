import Annunciation
import Plant
import TestSupport
import Testing

/// Random plants and days: what must hold whatever happens.
@Suite struct EscalationWalkTests {
    /// What an alarm is to its operators, kept beside the book.
    private struct Alarm {
        var occurrence = 0
        var priority = Priority.low
        /// Told, and nobody has acknowledged.
        var waits = false
        var holds = false
    }

    private struct Call: Hashable, CustomStringConvertible {
        let time: Int64
        let call: EscalationCall
        var description: String {
            "\(time / 1000) s \(call.alarm)@\(call.occurrence) \(call.policy) \(call.step).\(call.number)"
        }
    }

    private static let names = ["a:F-01.t", "b:F-01.t", "c:F-02.t", "comms:F-02"]

    private static func policies(_ random: inout SeededRandom) -> [EscalationPolicy] {
        (0..<Int(random.next() % 4 + 1)).map { number in
            let steps = (0..<Int(random.next() % 3 + 1)).map { _ in
                EscalationPolicy.Step(
                    wait: .seconds(random.pick([0, 0, 7, 30, 300, 900])), sinks: ["s"],
                    times: random.pick([1, 1, 2, 4]), every: .seconds(random.pick([10, 60, 240])))
            }
            return EscalationPolicy(
                name: "p\(number)", priorities: Set(Priority.allCases.filter { _ in random.chance(60) }),
                match: random.chance(40) ? [NamePattern(random.pick(["F-01*", "*:F-02*", "b*"]))] : [],
                endsWithClear: random.chance(50), steps: steps)
        }
    }

    private static func tag(_ name: String) -> String? {
        name.hasPrefix("comms") ? nil : name.split(separator: ":").last.map(String.init)
    }

    /// One thing that can happen to an alarm as it is.
    private static func happen(_ name: String, _ alarm: inout Alarm, _ random: inout SeededRandom) -> EscalationEvent? {
        func event(_ what: EscalationEvent.What, _ alarm: Alarm) -> EscalationEvent {
            EscalationEvent(
                alarm: name, tag: tag(name), occurrence: alarm.occurrence, priority: alarm.priority, what: what)
        }
        switch random.next() % 6 {
        case 0, 1:
            if alarm.holds {
                // Worse, or told again.
                if random.chance(50), alarm.priority != .critical { alarm.priority = .critical }
            } else {
                alarm.occurrence += 1
                alarm.priority = random.pick(Priority.allCases)
            }
            (alarm.waits, alarm.holds) = (true, true)
            return event(.raised, alarm)
        case 2:
            guard alarm.waits else { return nil }
            alarm.waits = false
            return event(.acknowledged, alarm)
        case 3:
            guard alarm.holds else { return nil }
            alarm.holds = false
            return event(alarm.waits ? .cleared : .acknowledged, alarm)
        case 4:
            alarm.waits = false
            return event(.hidden, alarm)
        default:
            guard alarm.holds, !alarm.waits else { return nil }
            alarm.waits = true
            return event(.unacknowledged, alarm)
        }
    }

    private static func standing(_ alarms: [String: Alarm]) -> [EscalationEvent] {
        alarms.filter(\.value.waits).map { name, alarm in
            EscalationEvent(
                alarm: name, tag: tag(name), occurrence: alarm.occurrence, priority: alarm.priority,
                what: alarm.holds ? .raised : .cleared)
        }
    }

    /// What a journal would hold.
    private static func save(_ changes: [EscalationChange], _ rows: inout [[String]: EscalationState]) {
        for change in changes {
            switch change {
            case .stands(let state): rows[[state.alarm, state.policy]] = state
            case .ended(let alarm, let policy): rows[[alarm, policy]] = nil
            }
        }
    }

    @Test(arguments: 0..<300 as Range<UInt64>)
    func `no call comes twice, none after an acknowledgement, and a restart changes none`(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let policies = Self.policies(&random)
        var alarms = Dictionary(uniqueKeysWithValues: Self.names.map { ($0, Alarm()) })
        var book = EscalationBook(policies: policies, at: 0)
        // The same plant, whose daemon restarts now and then.
        var restarted = book
        var rows: [[String]: EscalationState] = [:]
        var made: Set<String> = []
        var now: Int64 = 0
        for _ in 0..<400 {
            // Late as a rule, on time where the book asks for it.
            let pause = Int64(random.next() % 120_000)
            now = random.chance(70) ? min(book.nextDue ?? .max, now + pause) : now + pause
            if random.chance(40) {
                let name = random.pick(Self.names)
                if var alarm = alarms[name], let event = Self.happen(name, &alarm, &random) {
                    alarms[name] = alarm
                    book.take(event, at: now)
                    restarted.take(event, at: now)
                    // From here on its calls may have the same numbers: they are another escalation's.
                    if !alarm.waits || event.what == .raised { made = made.filter { !$0.hasPrefix(name + " ") } }
                }
            }
            let calls = book.due(at: now).map { Call(time: now, call: $0) }
            #expect(restarted.due(at: now).map { Call(time: now, call: $0) } == calls, "seed \(seed) at \(now)")
            for call in calls.map(\.call) {
                let alarm = try #require(alarms[call.alarm])
                let policy = try #require(policies.first { $0.name == call.policy })
                #expect(alarm.waits, "seed \(seed) at \(now): called about \(call.alarm), which nobody waits for")
                #expect(alarm.holds || !policy.endsWithClear, "seed \(seed) at \(now): called after the clear")
                #expect(call.occurrence == alarm.occurrence, "seed \(seed) at \(now)")
                let key = "\(call.alarm) \(call.occurrence) \(call.policy) \(call.step) \(call.number)"
                #expect(made.insert(key).inserted, "seed \(seed) at \(now): twice \(key)")
            }
            #expect(book.nextDue.map { $0 > now } != false, "seed \(seed) at \(now): still due")
            #expect(book.states.count <= Self.names.count * policies.count, "seed \(seed)")
            Self.save(restarted.changes(), &rows)
            #expect(Set(rows.values) == Set(restarted.states), "seed \(seed) at \(now): what is saved is what there is")
            if random.chance(15) {
                restarted = EscalationBook(
                    policies: policies, saved: Array(rows.values), standing: Self.standing(alarms), at: now)
                Self.save(restarted.changes(), &rows)
            }
        }
        #expect(book.states == restarted.states, "seed \(seed)")
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `a daemon that was away makes the call it owes at once, once, and the rest in time`(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let policies = Self.policies(&random)
        let raised = EscalationEvent(
            alarm: "a:F-01.t", tag: "F-01.t", occurrence: 1, priority: random.pick(Priority.allCases), what: .raised)
        var book = EscalationBook(policies: policies, at: 0)
        book.take(raised, at: 0)
        var before: [EscalationCall] = []
        let gone = Int64(random.next() % 1_800_000)
        while let due = book.nextDue, due <= gone { before += book.due(at: due) }
        let back = gone + Int64(random.next() % 7_200_000)
        var later = EscalationBook(policies: policies, saved: book.states, standing: [raised], at: back)
        let owed = later.due(at: back)
        for policy in policies {
            let steps = owed.filter { $0.policy == policy.name }.map(\.step)
            #expect(Set(steps).count == steps.count, "seed \(seed): one call of a step at a time")
        }
        var all = before + owed
        while let due = later.nextDue {
            #expect(due >= back, "seed \(seed)")
            all += later.due(at: due)
        }
        for policy in policies {
            let calls = all.filter { $0.policy == policy.name }.map { [$0.step, $0.number] }
            let expected = policy.steps.enumerated().flatMap { step, what in (1...what.times).map { [step + 1, $0] } }
            #expect(calls.isEmpty || calls == expected, "seed \(seed): \(policy.name)")
        }
    }
}
