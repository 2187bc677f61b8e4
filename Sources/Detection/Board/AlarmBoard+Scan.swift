public import Plant

/// What a complete scan brings about.
extension AlarmBoard {
    /// A scan of a group is complete: all its samples were taken.
    ///
    /// - Parameter time: when its first request left.
    public mutating func complete(_ group: ScanGroup.ID, at time: Int64) {
        runTimers(upTo: time)
        comeBack(with: group)
        for tag in tables.settledTags[group] where incoming[tag].time <= time {
            settled.samples[tag] = incoming[tag]
            if let text = incomingTexts.removeValue(forKey: tag) { settled.texts[tag] = text }
        }
        var changed: [AlarmDefinition.ID] = []
        for alarm in tables.consulted[group] where settle(alarm) { changed.append(alarm) }
        for alarm in tables.atCompletion[group] where reconsider(alarm, in: group, at: time) { changed.append(alarm) }
        propagate(changed, at: time)
    }

    /// A whole group could not be read.
    ///
    /// - Parameters:
    ///   - time: when its first request left.
    ///   - cause: why.
    public mutating func lose(_ group: ScanGroup.ID, at time: Int64, cause: Quality) {
        for tag in tables.plant.groups[group].tags where tables.isWatched[tag] {
            take(tag, Sample(time: time, value: .nan, quality: cause))
        }
        complete(group, at: time)
    }

    /// Whether a controller can be read. Only a change matters.
    ///
    /// A loss counts at once. A return counts when the scan that brought it is complete, because others look at whether
    /// it is lost, and all they look at changes with complete scans only.
    ///
    /// - Parameter time: of the first request that was answered again, or when the last one had failed.
    public mutating func controller(_ controller: Controller.ID, isLost: Bool, at time: Int64, cause: Quality) {
        guard isLost else {
            if self.isLost[controller] != false, returning[controller] == nil { returning[controller] = (time, cause) }
            return
        }
        returning[controller] = nil
        guard self.isLost[controller] != true else { return }
        runTimers(upTo: time)
        change(controller, isLost: true, at: time, cause: cause)
    }

    private mutating func comeBack(with group: ScanGroup.ID) {
        let controller = tables.plant.groups[group].controller
        guard tables.plant.groups[group].diagnoses == nil, let (time, cause) = returning.removeValue(forKey: controller)
        else { return }
        change(controller, isLost: false, at: time, cause: cause)
    }

    private mutating func change(_ controller: Controller.ID, isLost: Bool, at time: Int64, cause: Quality) {
        self.isLost[controller] = isLost
        guard let alarm = tables.comms[controller],
            case .comms(_, let priority) = tables.definitions[alarm].whole.detector
        else { return }
        let finding = isLost ? Finding(.alarm(.comms), priority: priority) : Finding(.out, priority: priority)
        feed(alarm, .sample(time: time, finding, value: nil, quality: cause))
        // Before their own samples turn bad; they come back after their own first good one.
        if isLost { for silenced in tables.silencedByLoss[controller] { enterSuppression(silenced, at: time) } }
        if settle(alarm) { propagate([alarm], at: time) }
    }

    /// What a controller's unit is making from now on; `nil` for nothing.
    public mutating func setProduct(_ product: String?, of controller: Controller.ID) {
        settled.products[controller] = product
    }

    /// One look of an alarm that depends on more than its own tag.
    ///
    /// - Returns: whether its condition changed.
    private mutating func reconsider(_ alarm: AlarmDefinition.ID, in group: ScanGroup.ID?, at time: Int64) -> Bool {
        // It falls silent before it looks, and gets its voice back after: what stood under the old phase must not sound
        // when this very sample ends it.
        enterSuppression(alarm, at: time)
        if let tag = tables.definitions[alarm].whole.tag {
            if tables.group[alarm] == group { look(alarm, tag, at: time) }
        } else {
            judge(alarm, Sample(time: time, value: .nan, quality: .good))
        }
        leaveSuppression(alarm, at: time)
        return settle(alarm)
    }

    private mutating func look(_ alarm: AlarmDefinition.ID, _ tag: Tag.ID, at time: Int64) {
        // Screened samples come one scan late, or not at all; whether a tag is alive is seen in those that came.
        let isRaw = tables.definitions[alarm].whole.looksAtEverySample
        let sample = (isRaw ? unscreened[tag] : nil) ?? settled.samples[tag]
        guard sample.time != .min, sample.time != looked[alarm] else { return }
        looked[alarm] = sample.time
        switch tables.definitions[alarm].whole.detector {
        case .test(.quality, _):
            // That its controller is lost is told once, by the controller's own alarm.
            if let silencer = tables.silencer[alarm], isLost[silencer] == true { return }
            judge(alarm, sample)
        case .lots(let chart, let priority):
            chartPoint(alarm, chart, priority, sample)
        case .levels, .test, .comms, .health:
            judge(alarm, sample)
        }
    }

    /// Tells others of a condition that has changed.
    func isChanged(_ alarm: AlarmDefinition.ID) -> Bool { settled.conditions[alarm] != states[alarm].condition }

    mutating func settle(_ alarm: AlarmDefinition.ID) -> Bool {
        guard isChanged(alarm) else { return false }
        settled.conditions[alarm] = states[alarm].condition
        return true
    }

    /// Lets the alarms look that use the conditions of others, and those that use theirs. Each once at most: after all
    /// that it uses.
    mutating func propagate(_ changed: [AlarmDefinition.ID], at time: Int64) {
        guard !changed.isEmpty else { return }
        var waiting = Set(changed.flatMap { tables.dependents[$0] })
        var seen: Set<AlarmDefinition.ID> = []
        while let next = waiting.min(by: { (tables.rank[$0], $0) < (tables.rank[$1], $1) }) {
            waiting.remove(next)
            guard seen.insert(next).inserted else { continue }
            if reconsider(next, in: nil, at: time) { waiting.formUnion(tables.dependents[next]) }
        }
    }
}
