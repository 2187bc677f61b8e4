import Detection
import Foundation
import Plant
import TestSupport
import Testing

/// Long random walks: whatever happens to an alarm, these stay true.
@Suite struct WalkTests {
    static let walksPerSeed = 250
    static let stepsPerWalk = 80

    @Test(arguments: [1, 20_260_103, 4_711, 0xC0FFEE, 987_654_321] as [UInt64])
    func `the invariants hold on random walks`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var transitions: Set<String> = []
        for walk in 0..<Self.walksPerSeed {
            var checked = CheckedWalk(definition(&random), "seed \(seed), walk \(walk)")
            var time: Int64 = 0
            for _ in 0..<Self.stepsPerWalk {
                let last = time
                time += random.pick([0, 1, 1, 1, 2, 9])
                let before = checked.alarm.state.core
                let input = input(&random, at: time, checked.alarm)
                try checked.take(input, after: last, at: time)
                transitions.insert("\(before)\(checked.alarm.state.core)")
                if random.chance(5) { try checked.reload() }
            }
            checked.checkHistory()
        }
        // A walk that goes nowhere proves nothing: every state is reached from several others.
        #expect(transitions.count >= 20, "only \(transitions.sorted())")
    }

    private func definition(_ random: inout SeededRandom) -> AlarmDefinition {
        let on = random.pick([0, 0, 2, 4, 8] as [Int64])
        let off = random.pick([0, 0, 2, 4, 8] as [Int64])
        let deadband = random.pick([1.0, 1.0, 0.0])
        let latching = random.chance(40)
        switch random.pick([0, 0, 0, 1, 1, 2, 3]) {
        case 0:
            let highHigh = random.pick([nil, 13.0])
            return .high(highHigh: highHigh, deadband: deadband, on: on, off: off, latching: latching)
        case 1:
            let lowLow = random.pick([nil, -13.0])
            return .low(lowLow: lowLow, deadband: deadband, on: on, off: off, latching: latching)
        case 2: return .trip([9, 14], on: on, off: off, latching: latching)
        default: return .comms(on: on, off: off)
        }
    }

    private func input(_ random: inout SeededRandom, at time: Int64, _ alarm: Alarm) -> AlarmInput {
        let (occurrence, revision) = (alarm.state.occurrence, alarm.state.revision)
        switch random.next() % 12 {
        case 0: return .acknowledge(time: time, occurrence: occurrence, revision: revision, by: "kim")
        case 1:
            return .acknowledge(
                time: time, occurrence: occurrence - random.pick([0, 1]), revision: revision - random.pick([0, 1]),
                by: "lee")
        case 2: return .reset(time: time, by: "kim")
        case 3: return .tick(time: time)
        default: break
        }
        if case .comms = alarm.definition.condition {
            return .comms(time: time, down: random.chance(50), cause: .timeout)
        }
        let value = random.pick([8, 8.9, 9, 9.5, 10, 10.5, 11, 11.9, 12, 13, 14, .nan])
        var sign = 1.0
        if case .below = alarm.definition.condition { sign = -1 }
        return .sample(
            time: time, value: sign * value, quality: random.chance(85) ? .good : random.pick([.timeout, .stale]),
            enabled: random.pick([true, true, true, true, true, true, false, nil]))
    }
}

/// One walk with a twin that gets extra ticks, and a check of every rule after every input.
private struct CheckedWalk {
    var alarm: Alarm
    private var twin: Alarm
    private var lastGood: Int64?
    private let label: Comment

    init(_ definition: AlarmDefinition, _ label: String) {
        alarm = Alarm(definition)
        twin = Alarm(definition)
        self.label = Comment(rawValue: label)
    }

    mutating func take(_ input: AlarmInput, after last: Int64, at time: Int64) throws {
        if last + 1 < time { for tick in (last + 1)..<time { twin.tick(tick) } }
        let pre = alarm.state
        var aged = alarm
        aged.tick(time)
        let seen = alarm.events.count
        let answer = alarm.take(input).answer
        #expect(twin.take(input).answer == answer, label)
        let state = alarm.state
        let new = alarm.events[seen...]

        // Extra ticks change neither events nor state.
        #expect(twin.state == state, label)
        #expect(brief(twin.events) == brief(alarm.events), label)
        // NORM means nothing is left to do.
        if state.core == .norm { #expect(!state.condition && !state.latched && state.acknowledged, label) }
        #expect((state.level != nil) == state.condition, label)
        // Only an acknowledgement acknowledges.
        if !pre.acknowledged, state.acknowledged { #expect(answer == .ok, label) }
        checkAnswer(input, answer, aged, time)
        checkEvidence(input, aged, new, time)
    }

    private func checkAnswer(_ input: AlarmInput, _ answer: AlarmAnswer?, _ aged: Alarm, _ time: Int64) {
        switch input {
        case .acknowledge(_, let occurrence, let revision, _):
            let current = (occurrence, revision) == (aged.state.occurrence, aged.state.revision)
            if !current {
                #expect(answer == .stale && alarm.state == aged.state, label)
            } else {
                #expect(answer == (aged.state.acknowledged ? .already : .ok), label)
                var again = alarm
                #expect(again.take(input).answer == .already && again.state == alarm.state, label)
            }
        case .reset:
            let allowed = aged.state.latched && !aged.state.condition && aged.state.acknowledged
            #expect(answer == (allowed ? .ok : .refused), label)
            if !allowed { #expect(alarm.state == aged.state, label) }
        case .sample, .comms, .tick, .restart: #expect(answer == nil, label)
        }
    }

    private mutating func checkEvidence(
        _ input: AlarmInput, _ aged: Alarm, _ new: ArraySlice<AlarmEvent>, _ time: Int64
    ) {
        let state = alarm.state
        if case .sample(_, let value, let quality, let enabled) = input {
            if !quality.isGood || value.isNaN || enabled == nil {
                // What is not known changes nothing.
                #expect(state.condition == aged.state.condition && state.level == aged.state.level, label)
                #expect(state.evidence.verdict == aged.state.evidence.verdict, label)
                #expect(state.evidence.since == aged.state.evidence.since, label)
            } else {
                lastGood = time
                checkLimit(value, enabled == true, aged)
            }
        }
        for event in new where event.what == .raise || event.what == .clear {
            if case .comms = alarm.definition.condition { continue }
            // No edge lies further from the last good sample than the evidence reaches.
            if let lastGood {
                #expect(event.effective <= lastGood + alarm.definition.maxGap.milliseconds, label)
            } else {
                Issue.record("\(event.what) without any good sample: \(label)")
            }
        }
        for event in new {
            #expect(event.effective <= event.time && event.time == time, label)
            #expect(event.annunciated == (event.what == .raise || event.what == .levelUp), label)
        }
    }

    /// At a limit is in; at a limit less the deadband is still in, for whoever was in.
    private func checkLimit(_ value: Double, _ enabled: Bool, _ aged: Alarm) {
        let (limits, deadband, sign): ([AlarmLimit], Double, Double)
        switch alarm.definition.condition {
        case .above(let l, let d): (limits, deadband, sign) = (l, d, 1)
        case .below(let l, let d): (limits, deadband, sign) = (l, d, -1)
        case .state, .comms: return
        }
        let verdict = alarm.state.evidence.verdict
        guard enabled else {
            #expect(verdict == false, label)
            return
        }
        let was = aged.state.evidence.verdict ?? aged.state.condition
        if sign * value >= sign * limits[0].limit { #expect(verdict == true, label) }
        if sign * value < sign * limits[0].limit - deadband { #expect(verdict == false, label) }
        if value == limits[0].limit - sign * deadband, deadband > 0 { #expect(verdict == was, label) }
    }

    /// What must be true of the events of a whole walk.
    func checkHistory() {
        let events = alarm.events
        for (a, b) in zip(events, events.dropFirst()) {
            #expect(a.effective <= b.effective, "effective times run backwards: \(label)")
        }
        let edges = events.filter { $0.what == .raise || $0.what == .clear }
        for (index, edge) in edges.enumerated() {
            #expect(edge.what == (index % 2 == 0 ? .raise : .clear), "edges do not alternate: \(label)")
        }
        let raises = edges.filter { $0.what == .raise }
        for (a, b) in zip(raises, raises.dropFirst()) {
            #expect((a.occurrence, a.revision) < (b.occurrence, b.revision), label)
            #expect(b.effective - a.effective >= alarm.definition.offDelay.milliseconds, label)
        }
    }

    /// The alarm goes on from what was saved, in the middle of a delay too; its twin goes on as it is.
    mutating func reload() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let saved = try encoder.encode(alarm.state)
        alarm.state = try JSONDecoder().decode(AlarmState.self, from: saved)
        #expect(try encoder.encode(alarm.state) == saved, label)
    }
}
