import Plant
import TestSupport

@testable import Detection

/// A random walk of one alarm through everything that can happen to it, with what it answered.
struct Walk {
    struct Step {
        /// Index in `definitions`; they change at restarts.
        let definition: Int
        let input: AlarmInput
        let before: AlarmState
        let after: AlarmState
        let answer: AlarmAnswer?
        let events: [AlarmEvent]
    }

    let seed: UInt64
    private(set) var definitions: [AlarmDefinition]
    private(set) var steps: [Step] = []

    /// The walks that every invariant is checked on.
    static let all: [Walk] = (1...300).map { Walk(seed: $0, length: 400) }

    var label: String { "seed \(seed)" }
    var events: [AlarmEvent] { steps.flatMap(\.events) }

    func definition(of step: Step) -> AlarmDefinition { definitions[step.definition] }

    init(seed: UInt64, length: Int) {
        var random = SeededRandom(seed: seed)
        let sign: Double = random.chance(70) ? 1 : -1
        self.seed = seed
        definitions = [Self.definition(&random, sign)]
        var state = AlarmState()
        var time: Int64 = 0
        for _ in 0..<length {
            time += random.pick([0, 1, 1, 1, 1, 2, 2, 9, 30])
            var input = Self.input(&random, at: time, state, definitions[definitions.count - 1], sign)
            if random.chance(2) {
                if random.chance(60) { definitions.append(Self.definition(&random, sign)) }
                input = .restart(time: time)
            }
            let before = state
            let definition = definitions.count - 1
            let result = step(definitions[definition], &state, input)
            steps.append(
                Step(
                    definition: definition, input: input, before: before, after: state, answer: result.answer,
                    events: result.events))
        }
    }

    private static func definition(_ random: inout SeededRandom, _ sign: Double) -> AlarmDefinition {
        let maxShelve: Duration? = random.pick([.milliseconds(100), .milliseconds(100), .milliseconds(20), nil])
        return .high(
            highHigh: random.pick([nil, 13]), deadband: random.pick([1, 1, 0]), inclusive: random.chance(70),
            on: random.pick([0, 0, 2, 4, 8]), off: random.pick([0, 0, 2, 4, 8]), gap: random.pick([5, 5, 20]),
            count: random.chance(25) ? .init(runs: random.pick([2, 3]), within: .milliseconds(20)) : nil,
            onBad: random.chance(25) ? .activate(after: .milliseconds(random.pick([0, 3, 10]))) : .freeze,
            handling: Handling(
                latching: random.chance(40), acknowledgement: random.pick([.required, .required, .auto, .none]),
                reAlarm: random.pick([nil, nil, .milliseconds(7)]), maxShelve: maxShelve),
            sign: sign)
    }

    private static func input(
        _ random: inout SeededRandom, at time: Int64, _ state: AlarmState, _ definition: AlarmDefinition, _ sign: Double
    ) -> AlarmInput {
        func order(_ command: AlarmCommand) -> AlarmInput {
            .command(time: time, command, by: Note(who: "kim", why: random.pick(["because", "because", ""])))
        }
        let (occurrence, revision) = (state.occurrence, state.revision)
        switch random.next() % 28 {
        case 0, 1: return order(.acknowledge(occurrence: occurrence, revision: revision))
        case 2:
            return order(
                .acknowledge(
                    occurrence: occurrence - random.pick([0, 1]), revision: revision + random.pick([-1, 0, 1])))
        case 3: return order(.unacknowledge(occurrence: occurrence, revision: revision - random.pick([0, 0, 1])))
        case 4, 5: return order(.reset)
        case 6:
            let time = random.pick([0, 3, 10, 20, 100, 101]) as Int64
            return order(.shelve(for: .milliseconds(time), oneShot: random.chance(40)))
        case 7: return order(.unshelve)
        case 8: return order(random.pick([.suppress, .unsuppress, .unsuppress]))
        case 9:
            return order(
                random.pick([.takeOutOfService(permit: "W", review: 5), .returnToService, .returnToService]))
        case 10: return .suppress(time: time, random.pick([[], [], [], .phase, [.phase, .comms]]))
        case 11: return .tick(time: time)
        case 12: return order(.test)
        default: break
        }
        let value = sign * random.pick([5, 8, 8.9, 9, 9.5, 10, 10.5, 11, 11.9, 12, 13, 14, .nan])
        let quality: Quality =
            random.chance(80) ? .good : random.pick([.timeout, .timeout, .timeout, .sensorFault, .stale, .clamped])
        var alarm = Alarm(definition)
        alarm.state = state
        return .sample(time: time, alarm.finding(value), value: value, quality: quality)
    }
}

extension Walk.Step {
    /// What time alone would have made of it.
    func aged(_ walk: Walk) -> AlarmState {
        if case .restart = input { return before }
        var state = before
        _ = step(walk.definition(of: self), &state, .tick(time: input.time))
        return state
    }

    var command: AlarmCommand? { if case .command(_, let command, _) = input { command } else { nil } }
    var isRestart: Bool { if case .restart = input { true } else { false } }

    /// Of a sample that may be judged, its time.
    var evidence: Int64? {
        guard case .sample(let time, let finding, _, let quality) = input, finding.verdict != .unknown else {
            return nil
        }
        return quality.isGood || quality == .clamped && finding.verdict != .out ? time : nil
    }
}

extension AlarmInput {
    var time: Int64 {
        switch self {
        case .sample(let time, _, _, _), .tick(let time), .suppress(let time, _), .command(let time, _, _),
            .restart(let time):
            time
        }
    }
}

extension AlarmEvent {
    /// An overlay ends with it.
    var isLeave: Bool { [.unshelve, .shelfExpired, .oneShotEnded, .unsuppress, .returnToService].contains(what) }
    /// The condition begins or ends, seen or unseen.
    var isEdge: Bool { isUp || isDown }
    var isUp: Bool { what == .raise || what == .raiseSuppressed }
    var isDown: Bool { what == .clear || what == .clearSuppressed }
    var pair: [Int] { [occurrence, revision] }

    /// All of it but when it was looked at.
    var timeless: String {
        """
        \(what) @\(effective) \(core) \(overlay?.rawValue ?? "") \(level?.rawValue ?? "") \(priority) \(value ?? -1) \
        \(figure ?? -1) \(limit ?? -1) \(quality) \(occurrence).\(revision) \(annunciated) \(duringOutage) \
        \(note?.why ?? "") \(detail ?? "") \(until ?? -1)
        """
    }
}
