import Plant
import TestSupport
import Testing

@testable import Detection

/// What stays true whatever happens to an alarm, checked on hundreds of random walks. The numbers are those of the
/// design of the state machine; see the catalogue's "What is always true".
@Suite struct InvariantTests {
    @Test func `the walks go everywhere`() {
        let steps = Walk.all.lazy.flatMap(\.steps)
        let states = Set(steps.map { "\($0.after.overlay?.rawValue ?? "-") \($0.after.core)" })
        #expect(states.count == 4 * AlarmCore.allCases.count, "\(states.sorted())")
        let whats = Set(steps.flatMap(\.events).map(\.what))
        #expect(Set(AlarmEvent.What.allCases).subtracting(whats) == [.amended])
        let refusals = Set(
            steps.compactMap { if case .refused(let refusal) = $0.answer { refusal } else { nil } })
        #expect(refusals == Set(Refusal.allCases))
        let levels = Set(steps.compactMap(\.after.level))
        #expect(levels == [.low, .lowLow, .high, .highHigh, .unknown])
        let moves = Set(steps.map { "\($0.before.core)\($0.after.core)" })
        #expect(moves.count >= 28, "\(moves.count): \(moves.sorted())")
    }

    @Test func `I1 nothing is annunciated under an overlay`() {
        for walk in Walk.all {
            for step in walk.steps {
                var isHidden = step.before.overlay != nil
                for event in step.events {
                    if event.isLeave { isHidden = event.overlay != nil }
                    #expect(!event.annunciated || !isHidden && event.overlay == nil, "\(walk.label) \(event)")
                }
            }
        }
    }

    @Test func `I2 normal means no condition, no latch, nothing to acknowledge`() {
        for walk in Walk.all {
            for state in walk.steps.map(\.after) {
                let isNormal = !state.condition && !state.latched && state.acknowledged
                #expect((state.core == .norm) == isNormal, "\(walk.label)")
                #expect((state.level != nil) == state.condition, "\(walk.label)")
                #expect(state.condition || state.reAlarmDue == nil, "\(walk.label)")
            }
        }
    }

    @Test func `I3 only an operator, the way of acknowledging or the exit from an overlay acknowledges`() {
        for walk in Walk.all {
            for step in walk.steps where !step.before.acknowledged && step.after.acknowledged {
                let isAsked = step.events.contains { $0.what == .acknowledge || $0.isLeave }
                let way = walk.definition(of: step).handling.acknowledgement
                let isUnasked =
                    way == .auto && step.events.contains { $0.what == .clear }
                    || way == .none && step.events.contains { $0.annunciated }
                #expect(isAsked || isUnasked, "\(walk.label) \(step.input) \(step.events)")
            }
        }
    }

    @Test func `I4 an acknowledgement twice is one`() {
        for walk in Walk.all {
            for step in walk.steps where step.answer == .ok {
                guard case .acknowledge = step.command else { continue }
                var state = step.after
                let again = Detection.step(walk.definition(of: step), &state, step.input)
                #expect(again.answer == .already && again.events.isEmpty && state == step.after, "\(walk.label)")
            }
        }
    }

    @Test func `I5 an acknowledgement of anything but what is seen is stale and changes nothing`() {
        for walk in Walk.all {
            for step in walk.steps {
                guard case .acknowledge(let occurrence, let revision) = step.command else { continue }
                let aged = step.aged(walk)
                if aged.overlay == nil, [occurrence, revision] == [aged.occurrence, aged.revision] {
                    #expect(step.answer == (aged.acknowledged ? .already : .ok), "\(walk.label)")
                } else {
                    #expect(step.answer == .stale && step.after == aged, "\(walk.label)")
                }
            }
        }
    }

    @Test func `I6 what is not known changes neither condition nor level nor verdict nor delay`() {
        for walk in Walk.all {
            for step in walk.steps where step.evidence == nil {
                guard case .sample = step.input else { continue }
                let (aged, after) = (step.aged(walk), step.after)
                // Failing safe is the one exception; it knows that it does not know.
                let isBlind = after.level == .unknown && !aged.condition
                #expect(isBlind || after.condition == aged.condition && after.level == aged.level, "\(walk.label)")
                #expect(after.evidence.verdict == aged.evidence.verdict, "\(walk.label)")
                #expect(after.evidence.level == aged.evidence.level, "\(walk.label)")
                #expect(isBlind || after.evidence.since == aged.evidence.since, "\(walk.label)")
                #expect(after.evidence.lastGood == aged.evidence.lastGood, "\(walk.label)")
            }
        }
    }

    @Test func `I7 a shelf ends in the future, and within the longest time`() {
        for walk in Walk.all {
            for step in walk.steps {
                guard let shelf = step.after.shelf else { continue }
                let longest = walk.definition(of: step).handling.maxShelve?.milliseconds ?? 0
                #expect(shelf.until > step.after.now && shelf.until <= step.after.now + longest, "\(walk.label)")
            }
        }
    }

    @Test func `I8 what is saved and loaded at any moment goes on as if nothing had happened`() throws {
        for walk in Walk.all {
            var random = SeededRandom(seed: walk.seed)
            var state = AlarmState()
            for step in walk.steps {
                if random.chance(5) {
                    let now = state.now
                    let text = try saved(state)
                    state = try reloaded(state)
                    #expect(try saved(state) == text, "\(walk.label)")
                    state.now = now
                    #expect(state == step.before, "\(walk.label)")
                    // The daemon that loads it knows no earlier time.
                    state.now = .min
                }
                let events = Detection.step(walk.definition(of: step), &state, step.input).events
                #expect(events == step.events && state == step.after, "\(walk.label)")
            }
        }
    }

    @Test func `I9 the same inputs give the same states, events and answers`() {
        for walk in Walk.all {
            var state = AlarmState()
            for step in walk.steps {
                let result = Detection.step(walk.definition(of: step), &state, step.input)
                #expect(result.events == step.events && result.answer == step.answer, "\(walk.label)")
                #expect(state == step.after, "\(walk.label)")
            }
        }
    }

    @Test func `I10 looking more often changes nothing`() {
        for walk in Walk.all {
            var random = SeededRandom(seed: walk.seed)
            var (state, last, events) = (AlarmState(), Int64(0), [AlarmEvent]())
            for step in walk.steps {
                let definition = walk.definition(of: step)
                // A restart forgets what nobody looked at, so only there a look makes a difference.
                if !step.isRestart {
                    for time in last...step.input.time where random.chance(50) {
                        events += Detection.step(definition, &state, .tick(time: time)).events
                    }
                    for _ in 0..<3 {
                        guard let due = nextDue(definition, state), due <= step.input.time else { break }
                        events += Detection.step(definition, &state, .tick(time: due)).events
                    }
                }
                let result = Detection.step(definition, &state, step.input)
                events += result.events
                last = step.input.time
                #expect(result.answer == step.answer && state == step.after, "\(walk.label)")
            }
            #expect(events.map(\.timeless) == walk.events.map(\.timeless), "\(walk.label)")
        }
    }

    @Test func `I11 occurrence and revision of raises only grow`() {
        for walk in Walk.all {
            let pairs = walk.events.filter(\.isRaise).map(\.pair)
            for (a, b) in zip(pairs, pairs.dropFirst()) {
                #expect(a.lexicographicallyPrecedes(b), "\(walk.label) \(a) \(b)")
            }
            let told = walk.events.filter { $0.annunciated && $0.what != .test }.map(\.pair)
            for (a, b) in zip(told, told.dropFirst()) {
                #expect(a.lexicographicallyPrecedes(b), "\(walk.label) told twice: \(a) \(b)")
            }
        }
    }

    @Test func `I12 effective times never run backwards and never lie ahead`() {
        for walk in Walk.all {
            for (a, b) in zip(walk.events, walk.events.dropFirst()) {
                #expect(a.effective <= b.effective, "\(walk.label) \(a.what) \(b.what)")
            }
            for step in walk.steps {
                for event in step.events {
                    #expect(event.time == step.input.time && event.effective <= event.time, "\(walk.label)")
                }
            }
        }
    }

    @Test func `I13 the condition begins and ends in turn`() {
        for walk in Walk.all {
            for (index, edge) in walk.events.filter(\.isEdge).enumerated() {
                #expect(edge.isUp == (index % 2 == 0), "\(walk.label) \(edge.effective)")
            }
        }
    }

    @Test func `I14 the limit is in when it is inclusive, the end of the deadband is still in`() {
        for walk in Walk.all {
            for step in walk.steps {
                guard case .sample(_, _, .some(let value), let quality) = step.input, quality.isGood, value.isFinite,
                    case .levels(let levels) = walk.definition(of: step).detector
                else { continue }
                let (verdict, was) = (step.after.evidence.verdict, step.before.lastLevel.severity > 1)
                let (sign, limit): (Double, AlarmLimit) = (levels.isAbove ? 1 : -1, levels.sets[0].limits[0])
                let distance = sign * (value - limit.limit)
                let isKept = was && limit.deadband > 0 && distance >= -limit.deadband
                #expect(verdict == (levels.isInclusive ? distance >= 0 : distance > 0) || isKept, "\(walk.label)")
                #expect(!isKept || verdict == true, "\(walk.label)")
            }
        }
    }

    @Test func `I15 no alarm is raised twice within its off-delay`() {
        for walk in Walk.all {
            var raised: (at: Int64, definition: Int)?
            for step in walk.steps {
                for event in step.events where event.what == .raise {
                    if let raised, raised.definition == step.definition {
                        let off = walk.definition(of: step).qualification.offDelay.milliseconds
                        #expect(event.effective - raised.at >= off, "\(walk.label) @\(event.effective)")
                    }
                    raised = (event.effective, step.definition)
                }
            }
        }
    }

    @Test func `I16 no edge lies further from the last good sample than the evidence reaches`() {
        for walk in Walk.all {
            var last: Int64?
            for step in walk.steps {
                // Edges of this step may rest on its own sample; those that time brought rest on the one before.
                let reach = walk.definition(of: step).qualification.maxGap.milliseconds
                let newest = step.evidence ?? last
                for event in step.events where event.isEdge && event.level != .unknown {
                    let horizon = event.effective < step.input.time ? last : newest
                    #expect(horizon.map { event.effective <= $0 + reach } == true, "\(walk.label) \(event)")
                }
                last = step.isRestart ? nil : newest
            }
        }
    }

    @Test func `I17 a reset works only on what is latched, gone, acknowledged and seen`() {
        for walk in Walk.all {
            for step in walk.steps where step.command == .reset {
                let aged = step.aged(walk)
                let isAllowed = aged.latched && !aged.condition && aged.acknowledged && aged.overlay == nil
                #expect((step.answer == .ok) == isAllowed, "\(walk.label)")
                if !isAllowed { #expect(step.after == aged, "\(walk.label)") }
                if isAllowed { #expect(step.after.core == .norm, "\(walk.label)") }
            }
        }
    }

    @Test func `I18 whoever unshelves has seen it; what comes back by itself is told`() {
        for walk in Walk.all {
            for step in walk.steps {
                let needsNobody = walk.definition(of: step).handling.acknowledgement == .none
                let events = step.events.filter { $0.what != .superseded }
                for (leave, next) in zip(events, events.dropFirst().map(Optional.init) + [nil]) {
                    guard leave.isLeave, leave.overlay == nil else { continue }
                    if leave.core == .unack || leave.core == .acked {
                        let isSeen = leave.what == .unshelve || needsNobody
                        #expect(next?.what == .raiseExit && next?.effective == leave.effective, "\(walk.label)")
                        #expect(next?.annunciated == !isSeen, "\(walk.label)")
                        #expect(next?.core == (isSeen ? .acked : .unack), "\(walk.label)")
                    } else {
                        #expect(leave.core != .rtnun && next?.what != .raiseExit, "\(walk.label)")
                    }
                }
            }
        }
    }

    // MARK: Beyond the numbered ones

    @Test func `under an overlay nothing latches, nothing is counted and nothing waits to be told again`() {
        for walk in Walk.all {
            for step in walk.steps where !step.events.contains(where: \.isLeave) {
                guard step.aged(walk).overlay != nil, step.after.overlay != nil else { continue }
                #expect(step.after.latched == step.aged(walk).latched, "\(walk.label)")
                #expect(step.after.occurrence == step.aged(walk).occurrence, "\(walk.label)")
                #expect(step.after.revision == step.aged(walk).revision, "\(walk.label)")
                #expect(step.after.reAlarmDue == nil, "\(walk.label)")
            }
        }
    }

    @Test func `only a reset lets go of a latch`() {
        for walk in Walk.all {
            for step in walk.steps where step.before.latched && !step.after.latched {
                #expect(step.command == .reset && step.answer == .ok, "\(walk.label) \(step.input)")
            }
        }
    }

    @Test func `a refused command changes nothing and says nothing`() {
        for walk in Walk.all {
            for step in walk.steps {
                guard let answer = step.answer, answer != .ok else { continue }
                #expect(step.after == step.aged(walk), "\(walk.label) \(answer)")
                #expect(!step.events.contains { $0.note != nil }, "\(walk.label) \(answer)")
            }
        }
    }

    @Test func `every occurrence that people saw is acknowledged, closed unseen, or hidden before the next`() {
        for walk in Walk.all {
            var isOpen = false
            for event in walk.events {
                if event.isRaise, event.revision == 0 {
                    #expect(!isOpen, "\(walk.label) \(event)")
                    isOpen = event.core == .unack
                } else if event.what == .superseded || event.core == .norm || event.core == .acked
                    || event.core == .latak
                {
                    isOpen = false
                }
            }
        }
    }

    @Test func `the runs that count stay few`() {
        for walk in Walk.all {
            for step in walk.steps {
                let most = walk.definition(of: step).qualification.count?.runs ?? 0
                #expect(step.after.evidence.runs.count <= most, "\(walk.label)")
            }
        }
    }
}
