import Plant

/// Turns the payload of one request's reply into readings.
///
/// Everything that can be known beforehand is in flat tables: places, shapes, limits. A scan then costs no allocation,
/// no look-up and no call through an existential.
struct Decoder: Sendable {
    private struct Step: BitwiseCopyable, Sendable {
        let wire: WireValue
        let scale: Double
        let offset: Double
        let low: Double
        let high: Double
        let slot: UInt16
        /// True when a finite number within `low...high` is good: most tags, and the short way through the loop.
        let isPlain: Bool
        let ownRules: OwnRules
    }

    /// Which other tables have something about a tag, as an index into each; -1 when they do not.
    struct OwnRules: BitwiseCopyable, Sendable {
        var text = Int16(-1)
        var status = Int16(-1)
        var counter = Int16(-1)
        var clock = Int16(-1)

        var areNone: Bool { text < 0 && status < 0 && counter < 0 && clock < 0 }
    }

    private let steps: [Step]
    private let rules: [NumberRules]
    private let invalid: [UInt64]
    private let texts: [TextField]
    private let judges: [StatusJudge]
    private let counters: [(top: Double, bottom: Double)]
    private let stuckAfter: [Int64]
    /// Zero when a block of the controller may stand still.
    private let unchangedAfter: Int64
    /// The judges of the controller's status tags themselves, by their places on the board.
    private let statusJudges: [StatusJudge?]

    /// Steps with an `expect`, and the number of that expectation among its controller's.
    private let expectations: [(step: Int, number: Int)]
    /// Steps that are a status of others, and their places on the board.
    private let statuses: [(step: Int, place: Int)]
    private let heartbeat: Int?
    /// Bytes of the payload.
    private let size: Int
    /// The most cells its readings can take.
    let cells: Int

    /// - Parameters:
    ///   - expectations: the tags of the controller that have an `expect`, in the order of `Trust`'s numbers.
    ///   - statuses: the tags of the controller that say what others are worth, in the order of the board's places.
    init(
        _ request: PlannedRequest, controller: Controller, expectations: [Tag.ID], statuses: [Tag.ID], tags: [Tag]
    ) {
        var steps: [Step] = []
        var rules: [NumberRules] = []
        var invalid: [UInt64] = []
        var texts: [TextField] = []
        var judges: [StatusJudge] = []
        var counters: [(top: Double, bottom: Double)] = []
        var stuckAfter: [Int64] = []
        for id in request.tags {
            let tag = tags[id]
            let wire = WireValue(tag, payloadFrom: Int(request.range.start))
            let own = NumberRules(tag, wire, invalid: &invalid)
            var indices = OwnRules()
            if tag.type.isString {
                indices.text = Int16(texts.count)
                texts.append(TextField(tag, place: wire.place))
            }
            if let rule = tag.rules.status {
                indices.status = Int16(judges.count)
                judges.append(StatusJudge(rule, statuses: statuses))
            }
            if tag.rules.isCounter, !tag.type.isString {
                indices.counter = Int16(counters.count)
                counters.append(wire.quarters)
            }
            if let limit = tag.rules.stuckAfter {
                indices.clock = Int16(stuckAfter.count)
                stuckAfter.append(limit.nanoseconds)
            }
            steps.append(
                Step(
                    wire: wire, scale: tag.scale, offset: tag.offset, low: own.low, high: own.high,
                    slot: UInt16(truncatingIfNeeded: tag.slot), isPlain: own.areLimitsOnly && indices.areNone,
                    ownRules: indices))
            rules.append(own)
        }
        self.steps = steps
        self.rules = rules
        self.invalid = invalid
        self.texts = texts
        self.judges = judges
        self.counters = counters
        self.stuckAfter = stuckAfter
        unchangedAfter = controller.unchangedAfter?.nanoseconds ?? 0
        statusJudges = statuses.map { tags[$0].rules.status.map { StatusJudge($0, statuses: statuses) } }
        self.expectations = request.tags.enumerated().compactMap { step, tag in
            expectations.firstIndex(of: tag).map { (step, $0) }
        }
        self.statuses = request.tags.enumerated().compactMap { step, tag in
            statuses.firstIndex(of: tag).map { (step, $0) }
        }
        heartbeat = request.tags.firstIndex { $0 == controller.heartbeat }
        let bits = request.range.table.isBits
        size = max(
            bits ? (request.range.count + 7) / 8 : request.range.count * 2, steps.map(\.wire.end).max() ?? 0)
        cells = texts.reduce(steps.count) { $0 + TextField.cells($1.capacity) }
    }

    /// What the decoder needs to remember of its block: empty, and given back to it with each payload.
    func memory() -> BlockMemory {
        let isWatched = unchangedAfter > 0
        return BlockMemory(
            counters: counters.count, clocks: stuckAfter.count, bytes: isWatched ? size : 0,
            values: isWatched ? steps.count : 0)
    }

    // MARK: What a block says about its controller

    /// Looks at the layout, the heartbeat and the statuses, before any value of the block is judged.
    ///
    /// - Parameter refused: as for `decode`. What was not answered shows nothing; a status is unknown then.
    func observe(
        _ payload: UnsafeBufferPointer<UInt8>, refused: [Quality], _ trust: inout Trust,
        _ board: inout StatusBoard, at now: Int64
    ) {
        guard payload.count >= size else { return forgetStatuses(&board) }
        let wasAnswered = { (step: Int) in refused.isEmpty || refused[step].isGood }
        for (step, number) in expectations where wasAnswered(step) {
            trust.sawExpectation(number, met: rules[step].meetsExpectation(steps[step].wire.bits(payload)))
        }
        if let heartbeat {
            if wasAnswered(heartbeat) {
                trust.sawHeartbeat(steps[heartbeat].wire.bits(payload), at: now)
            } else {
                trust.missedHeartbeat(at: now)
            }
        }
        for (step, place) in statuses {
            let bits = wasAnswered(step) ? steps[step].wire.bits(payload) : 0
            let isKnown = wasAnswered(step) && !rules[step].judge(bits, invalid: invalid).quality.isBad
            // The bits as they came: a clamped status would be another one.
            board.saw(isKnown ? bits : nil, at: place)
        }
    }

    /// The block did not come: what its status tags said before is no longer known.
    func forgetStatuses(_ board: inout StatusBoard) {
        for (_, place) in statuses { board.saw(nil, at: place) }
    }

    // MARK: Readings

    /// Writes the readings of a block.
    ///
    /// - Parameters:
    ///   - payload: of the whole block.
    ///   - refused: empty when all of the block was answered; else for each tag of the request why it was not, `.good`
    ///     where it was.
    ///   - doubt: why nothing of this controller counts as good, if so. A layout that is not the expected one takes
    ///     every number; a heartbeat that stands still leaves numbers, as uncertain.
    ///   - now: when the reply came, in monotonic nanoseconds.
    ///   - out: room for `cells`.
    /// - Returns: the cells written.
    func decode(
        _ payload: UnsafeBufferPointer<UInt8>, refused: [Quality], doubt: Quality?, statuses: StatusBoard,
        memory: inout BlockMemory, at now: Int64, into out: UnsafeMutableBufferPointer<Cell>
    ) -> Int {
        // Nothing outside the payload is ever looked at, whoever cut it.
        guard payload.count >= size else { return refuse(.badReply, into: out) }
        var doubt = doubt ?? .good
        // What another instrument says is nobody's history.
        let isBelieved = !doubt.isBad
        if unchangedAfter > 0, isBelieved, standsStill(payload, refused, &memory, now), doubt.isGood {
            doubt = .frozen
        }
        return steps.withUnsafeBufferPointer { steps in
            var count = 0
            let isWhole = refused.isEmpty
            // A bad reading has no number: what cannot be believed must not be found by anybody.
            let kept: UInt64 = doubt.isBad ? 0 : .max
            for index in steps.indices {
                let step = steps[index]
                if !isWhole, !refused[index].isGood {
                    out[count] = RawReading(bits: 0, slot: Int(step.slot), quality: refused[index]).cell
                    count += 1
                    continue
                }
                var bits = step.wire.bits(payload)
                let value = step.wire.number(bits) * step.scale + step.offset
                if step.isPlain, value >= step.low, value <= step.high {
                    out[count] = RawReading(bits: bits & kept, slot: Int(step.slot), quality: doubt).cell
                    count += 1
                    continue
                }
                var more = 0
                var quality = Quality.good
                if step.ownRules.text >= 0 {
                    let rest = UnsafeMutableBufferPointer(rebasing: out[(count + 1)...])
                    (quality, bits) = text(step, payload, into: rest)
                    more = TextField.cells(Int(bits))
                    let mark = step.ownRules.clock >= 0 ? BlockMemory.mark(of: rest, bytes: Int(bits)) : 0
                    quality = settle(quality, mark, step, statuses, isBelieved ? now : nil, &memory)
                } else {
                    let verdict = rules[index].judge(bits, invalid: invalid)
                    quality = settle(verdict.quality, bits, step, statuses, isBelieved ? now : nil, &memory)
                    bits = verdict.bits
                }
                quality = quality.under(doubt)
                if quality.isBad { (bits, more) = (0, 0) }
                out[count] =
                    RawReading(bits: bits, slot: Int(step.slot), quality: quality, continuation: more).cell
                count += 1 + more
            }
            return count
        }
    }

    /// Writes a bad reading for each value of a block: the controller refused all of it.
    ///
    /// - Returns: the cells written.
    func refuse(_ quality: Quality, into out: UnsafeMutableBufferPointer<Cell>) -> Int {
        for (index, step) in steps.enumerated() {
            out[index] = RawReading(bits: 0, slot: Int(step.slot), quality: quality).cell
        }
        return steps.count
    }

    private func text(
        _ step: Step, _ payload: UnsafeBufferPointer<UInt8>, into out: UnsafeMutableBufferPointer<Cell>
    ) -> (quality: Quality, length: UInt64) {
        guard let length = texts[Int(step.ownRules.text)].read(payload, into: out) else { return (.notText, 0) }
        return (.good, UInt64(length))
    }

    // MARK: What other readings say about a value

    /// - Parameters:
    ///   - bits: as they came, or the mark of a text.
    ///   - now: `nil` when nothing of the block is to be remembered.
    private func settle(
        _ judged: Quality, _ bits: UInt64, _ step: Step, _ statuses: StatusBoard, _ now: Int64?,
        _ memory: inout BlockMemory
    ) -> Quality {
        let own = step.ownRules
        var quality = judged
        if own.status >= 0 {
            quality = quality.joined(by: statusJudges.quality(judges[Int(own.status)], statuses))
        }
        guard let now else { return quality }
        // A bad value is no count: the next good one is compared with the last good one.
        if own.counter >= 0, !quality.isBad {
            quality = quality.joined(by: count(bits, step, &memory))
        }
        if own.clock >= 0 {
            let stood = memory.stood(bits, Int(own.clock), at: now)
            if stood > stuckAfter[Int(own.clock)] { quality = quality.joined(by: .frozen) }
        }
        return quality
    }

    private func count(_ bits: UInt64, _ step: Step, _ memory: inout BlockMemory) -> Quality {
        let counter = Int(step.ownRules.counter)
        guard let last = memory.count(bits, counter), step.wire.isLess(bits, than: last) else { return .good }
        let (top, bottom) = counters[counter]
        return step.wire.number(last) >= top && step.wire.number(bits) < bottom ? .wrapped : .reset
    }

    private func standsStill(
        _ payload: UnsafeBufferPointer<UInt8>, _ refused: [Quality], _ memory: inout BlockMemory, _ now: Int64
    ) -> Bool {
        if refused.isEmpty {
            return memory.stood(UnsafeBufferPointer(rebasing: payload[..<size]), at: now) > unchangedAfter
        }
        // What was not answered says nothing.
        var isSame = true
        for index in steps.indices where refused[index].isGood {
            if memory.replace(steps[index].wire, index, of: payload) { isSame = false }
        }
        return memory.unchanged(isSame, at: now) > unchangedAfter
    }
}

extension Quality {
    /// Two judgements of the same value: bad wins over uncertain, and the first of two alike.
    fileprivate func joined(by other: Quality) -> Quality {
        if isBad { return self }
        return other.isBad || isGood ? other : self
    }

    /// With another layout every register means something else, and so does whatever was found wrong with it; only the
    /// tag that showed it says so.
    fileprivate func under(_ doubt: Quality) -> Quality {
        if doubt.isGood { return self }
        return doubt.isBad && self != .unexpected ? doubt : joined(by: doubt)
    }
}
