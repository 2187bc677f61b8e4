import Plant

/// Detectors, their tags and states looked up in the plant.
extension AlarmExpansion {
    mutating func detector(of draft: AlarmDraft) -> Detector? {
        switch draft.rule.detector {
        case .levels(let rule): return levels(rule, for: draft)
        case .logic(let rule, let priority):
            return logic(rule, for: draft).map { .test(.logic($0), priority: priority) }
        case .lots(let rule, let priority):
            guard let tag = measured(draft, "lots"), let lot = self.tag(rule.lot, for: draft) else { return nil }
            guard !lot.type.isString, lot.id != tag.id else {
                reject(
                    rule.lot.value, found: "\(lot.name), \(lot.id == tag.id ? "the alarm's own tag" : "a string")",
                    expected: "the number of the lot, or a count of assays")
                return nil
            }
            guard lot.group == tag.group else {
                // Read at another moment, a new number would stand beside the old lot's value.
                reject(
                    rule.lot.value, found: "\(lot.name), which is read in another scan",
                    expected: "a tag of \(assembly.groups[tag.group].name), as \(tag.name) is")
                return nil
            }
            return .lots(LotChart(lot: lot.id, scale: rule.scale, rule: rule.rule), priority: priority)
        case .test(let rule, let priority): return test(rule, for: draft).map { .test($0, priority: priority) }
        }
    }

    private mutating func test(_ rule: TestRule, for draft: AlarmDraft) -> Detector.Test? {
        guard let tag = draft.tag else { return nil }
        switch rule {
        case .state(let values): return numbers(values, for: tag).map { .state($0) }
        case .bits(let rule): return bits(rule, of: tag)
        case .change: return numeric(draft, "change") == nil ? nil : .change
        case .edges(let count, let within, let value):
            guard let tag = numeric(draft, "edges") else { return nil }
            let period = period(of: tag)
            let most = Int(within.milliseconds / max(period.milliseconds, 1))
            guard count <= most else {
                reject(
                    value, found: "\(count) in \(within.configured) for \(tag.name), read every \(period.configured)",
                    expected: "at most \(most), which can be seen")
                return nil
            }
            return .edges(count: count, within: within)
        case .mismatch(let reference, let transit):
            guard let tag = numeric(draft, "mismatch"), let feedback = other(reference, than: tag, draft) else {
                return nil
            }
            return .mismatch(feedback: feedback, transit: transit)
        case .spike(let spike): return measured(draft, "spike") == nil ? nil : .spike(spike)
        case .stuck(let rule): return stuck(rule, draft)
        case .stale(let after, let value):
            let period = period(of: tag)
            let after = after ?? period * Limits.gapPeriods
            guard after > period else {
                reject(
                    value, found: "\(after.configured) for \(tag.name), read every \(period.configured)",
                    expected: "more than that")
                return nil
            }
            return .stale(after: after)
        case .quality(let causes): return .quality(causes)
        case .degraded(let references): return twins(references, of: tag, draft).map { .degraded(with: $0) }
        case .phantom(let rule): return phantom(rule, draft)
        case .timeToLimit(let rule): return trend(rule, draft)
        }
    }

    private mutating func bits(_ rule: TestRule.Bits, of tag: Tag) -> Detector.Test? {
        guard let width = tag.bitWidth else {
            let what = tag.registers == nil ? "computed tag" : tag.type.word
            reject(
                rule.value, found: "bits of \(tag.name), a \(what)", expected: "a tag that is read, of whole numbers")
            return nil
        }
        guard rule.mask.bitWidth - rule.mask.leadingZeroBitCount <= width else {
            reject(rule.value, found: "\(rule.value.found) of \(tag.name)", expected: "some of its \(width) bits")
            return nil
        }
        return .bits(mask: rule.mask, set: rule.set)
    }

    private mutating func stuck(_ rule: TestRule.StuckRule, _ draft: AlarmDraft) -> Detector.Test? {
        guard let tag = measured(draft, "stuck"), fits(rule.over, rule.overValue, of: tag, periods: 1) else {
            return nil
        }
        // Less than one step of the register would be met by a value that moves by none at all.
        if tag.registers != nil, !tag.type.isFloat, rule.tolerance < abs(tag.scale) {
            reject(
                rule.toleranceValue, found: "\(rule.tolerance.short) for \(tag.name)",
                expected: "at least its resolution, \(abs(tag.scale).short)")
            return nil
        }
        var moving: Logic?
        if let statement = rule.whenMoving {
            guard let logic = logic(statement, for: draft) else { return nil }
            moving = logic
        }
        let samples = Int(rule.over.milliseconds / max(period(of: tag).milliseconds, 1)) + 1
        return .stuck(Stuck(tolerance: rule.tolerance, over: rule.over, samples: samples, whenMoving: moving))
    }

    private mutating func phantom(_ rule: TestRule.PhantomRule, _ draft: AlarmDraft) -> Detector.Test? {
        guard let tag = measured(draft, "phantom") else { return nil }
        let junction = rule.coldJunction.map { twin($0, of: tag, draft) }
        let output = rule.output.map { twin($0, of: tag, draft) }
        guard !isFaulty(junction), !isFaulty(output) else { return nil }
        return .phantom(
            Phantom(
                coldJunction: junction??.id, ambient: rule.ambient, within: rule.within, after: rule.after,
                output: output??.id, outputAbove: rule.outputAbove))
    }

    private mutating func trend(_ rule: TestRule.TrendRule, _ draft: AlarmDraft) -> Detector.Test? {
        guard let tag = measured(draft, "time_to_limit"),
            fits(rule.over, rule.overValue, of: tag, periods: Limits.trendSamples)
        else { return nil }
        if let range = tag.range, !range.contains(rule.limit) {
            reject(
                rule.limitValue, found: "\(rule.limitValue.found), which \(tag.name) never reports",
                expected: "a limit within its range, \(range.lowerBound.short) to \(range.upperBound.short)")
            return nil
        }
        guard let horizon = rule.horizon ?? draft.rule.rationale.respondWithin else {
            reject(rule.value, found: "no horizon", expected: "horizon, or respond_within of the alarm")
            return nil
        }
        return .timeToLimit(
            TimeToLimit(limit: rule.limit, isAbove: rule.isAbove, over: rule.over, horizon: horizon))
    }

    // MARK: What a tag must be

    private mutating func measured(_ draft: AlarmDraft, _ what: String) -> Tag? {
        guard let tag = draft.tag, !tag.measures else { return draft.tag }
        rejectMeasuring(tag, what, draft)
        return nil
    }

    private mutating func numeric(_ draft: AlarmDraft, _ what: String) -> Tag? {
        guard let tag = draft.tag, tag.type.isString, case .tag(let reference) = draft.rule.subject else {
            return draft.tag
        }
        reject(reference.value, found: "\(what) on \(tag.name), a string", expected: "a tag with a number")
        return nil
    }

    private mutating func other(_ reference: TagReference, than tag: Tag, _ draft: AlarmDraft) -> Tag.ID? {
        guard let other = self.tag(reference, for: draft) else { return nil }
        guard !other.type.isString, other.id != tag.id else {
            reject(
                reference.value, found: "\(other.name), \(other.id == tag.id ? "the alarm's own tag" : "a string")",
                expected: "another tag with a number")
            return nil
        }
        return other.id
    }
}

extension Tag {
    /// The bits of its raw value; `nil` for a tag without a whole one.
    var bitWidth: Int? {
        guard registers != nil, !type.isFloat, !type.isString, type != .bool else { return nil }
        return bits?.count ?? type.registers * 16
    }
}
