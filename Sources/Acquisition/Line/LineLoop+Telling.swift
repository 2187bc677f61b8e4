import Modbus
import Plant

/// What a line tells: blocks to the watch, what it learned, faults to the log, its own figures.
extension LineLoop where Transport: ~Copyable {
    // MARK: Blocks

    /// A block is as complete as it gets: decodes and publishes it.
    ///
    /// - Parameter refused: why each of its tags was not read; empty when all were.
    func complete(_ block: Int, _ refused: [Quality], _ scan: inout ScanInHand) {
        let (group, unit) = (scan.group, scan.unit)
        // Where all of a block is quarantined nothing was asked for.
        let replied = max(lastReply, scan.sent)
        let place = groups[group].blocks[block].place
        let bytes = groups[group].blocks[block].request.payloadBytes
        let values = UnsafeBufferPointer(rebasing: payloads[place..<place + bytes])
        let before = (units[unit].trust.isFrozen, units[unit].trust.layoutMatches)
        units[unit].observe(groups[group].blocks[block].decoder, values, refused, at: replied)
        let after = (units[unit].trust.isFrozen, units[unit].trust.layoutMatches)
        if before != after { tellTrust(unit, replied) }
        let count = groups[group].blocks[block].decoder.decode(
            values, refused: refused, doubt: units[unit].trust.doubt, statuses: units[unit].statuses,
            memory: &groups[group].blocks[block].memory, at: replied, into: publisher.readings)
        let header = ScanHeader(
            sequence: groups[group].sequence, group: groups[group].id, count: count, block: block,
            blocks: groups[group].blockCount, sent: scan.sent, replied: replied, wallOffset: scan.wallOffset)
        let urgent = groups[group].blocks[block].urgency.look(at: publisher.readings, count: count)
        // A full ring has counted what it refused, and the recorder sees the hole in the numbers.
        _ = publisher.publish(header, urgent: urgent || groups[group].toldLoss != nil)
        groups[group].toldLoss = nil
        groups[group].owedLoss = nil
        scan.published = block + 1
        if !refused.isEmpty || !groups[group].blocks[block].toldRefused.isEmpty {
            tellRefusals(block, refused, scan)
        }
    }

    // MARK: What was learned

    /// Every part of a block was answered: what was tried out on the way is now known.
    func settle(_ block: Int, _ scan: ScanInHand) {
        for lesson in groups[scan.group].blocks[block].parts.settle(at: lastReply) {
            let table = groups[scan.group].blocks[block].request.range.table
            let name = units[scan.unit].controller.name
            switch lesson {
            case .gap(let range):
                guard units[scan.unit].gaps.insert(range).inserted else { break }
                tell(
                    LineNotice(
                        subject: name, isFault: false,
                        cause: "does not let \(range) be read between two values; the block is cut"))
            case .limit(let items): learn(limit: items, of: table, scan.unit)
            case .noLimit: learn(limit: nil, of: table, scan.unit)
            }
        }
    }

    /// - Parameter items: `nil` when what had been learned no longer holds.
    private func learn(limit items: Int?, of table: RegisterTable, _ unit: Int) {
        let path: WritableKeyPath<LearnedLimits, Int?> = table.isBits ? \.bits : \.registers
        // A limit that was doubted and is confirmed is no news.
        if let before = units[unit].learned[keyPath: path] ?? items, items != units[unit].learned[keyPath: path] {
            units[unit].learned[keyPath: path] = items
            onLearned(units[unit].controller.id, units[unit].learned)
            let what = table.isBits ? "bits" : "registers"
            let cause =
                items.map { "answers no more than \($0) \(what) at once; it is asked for less" }
                ?? "answers more than \(before) \(what) at once again"
            tell(LineNotice(subject: units[unit].controller.name, isFault: false, cause: cause))
        }
        applyLearned(unit, at: clock.monotonic())
    }

    /// Brings what is known of a controller's limits to all of its blocks.
    func applyLearned(_ unit: Int, at now: Int64) {
        let learned = units[unit].learned
        board.learned(unit, learned == LearnedLimits() ? nil : learned)
        for group in units[unit].groups {
            for block in groups[group].blocks.indices {
                let isBits = groups[group].blocks[block].request.range.table.isBits
                guard let limit = isBits ? learned.bits : learned.registers else { continue }
                groups[group].blocks[block].parts.learn(limit: limit, at: now)
            }
        }
    }

    /// A part was met with silence. When its controller answered other things on this connection, the part may be what
    /// it does not answer.
    func fellSilent(_ block: Int, _ part: BlockParts.Part, _ error: ModbusError, _ scan: ScanInHand) {
        guard error == .timeout, units[scan.unit].answeredSinceConnect else { return }
        guard groups[scan.group].blocks[block].parts.fellSilent(part, at: lastReply) else { return }
        tell(
            LineNotice(
                subject: subject(scan.group, part.request.range),
                cause: "is met with silence, though its controller answers: asked for in parts"))
        hasNews()
    }

    // MARK: Faults

    func subject(_ group: Int, _ range: RegisterRange) -> String {
        "\(units[groups[group].unit].controller.name) \(range)"
    }

    /// Tells the log and the board when something else of a block is refused than before.
    private func tellRefusals(_ block: Int, _ refused: [Quality], _ scan: ScanInHand) {
        guard refused != groups[scan.group].blocks[block].toldRefused else {
            if !refused.isEmpty { groups[scan.group].blocks[block].refusal.again() }
            return
        }
        groups[scan.group].blocks[block].toldRefused = refused
        board.refuses(scan.unit, quarantined(scan.unit))
        let subject = subject(scan.group, groups[scan.group].blocks[block].request.range)
        let notice: LineNotice?
        if refused.isEmpty {
            notice = groups[scan.group].blocks[block].refusal.end(subject, at: lastReply)
        } else {
            let cause = describe(refused, groups[scan.group].blocks[block].tags)
            notice = groups[scan.group].blocks[block].refusal.begin(subject, cause, at: lastReply)
        }
        if let notice { tell(notice) }
    }

    /// `exception 2 for F-01.a, F-01.b and 3 more`.
    private func describe(_ refused: [Quality], _ tags: [Tag.ID]) -> String {
        let named = 3
        var causes: [Quality: [String]] = [:]
        for (quality, tag) in zip(refused, tags) where !quality.isGood {
            causes[quality, default: []].append(plant.tags[tag].name)
        }
        return causes.sorted { $0.key.rawValue < $1.key.rawValue }.map { quality, names in
            let cause = quality.exceptionCode.map { "\(ModbusError.exception($0))" } ?? quality.name
            if names.count == tags.count { return cause }
            let more = names.count > named ? " and \(names.count - named) more" : ""
            return "\(cause) for \(names.prefix(named).joined(separator: ", "))\(more)"
        }.joined(separator: "; ")
    }

    private func quarantined(_ unit: Int) -> [QuarantinedRegisters] {
        units[unit].groups.flatMap { group in
            groups[group].blocks.flatMap { block in
                block.parts.quarantine.map { range, quality in
                    QuarantinedRegisters(
                        registers: "\(range)",
                        tags: block.tags.filter { plant.tags[$0].registers.map(range.overlaps) ?? false }
                            .map { plant.tags[$0].name },
                        cause: quality.name)
                }
            }
        }
    }

    private func tellTrust(_ unit: Int, _ now: Int64) {
        let trust = units[unit].trust
        let name = units[unit].controller.name
        board.trust(unit, frozen: trust.isFrozen, layoutMatches: trust.layoutMatches)
        let layout =
            trust.layoutMatches
            ? units[unit].layoutFault.end(name, at: now)
            : units[unit].layoutFault.begin(
                name, "a tag holds another value than its profile expects: not this register layout", at: now)
        let frozen =
            trust.isFrozen
            ? units[unit].frozenFault.begin(name, "the heartbeat stands still", at: now)
            : units[unit].frozenFault.end(name, at: now)
        for notice in [layout, frozen] { if let notice { tell(notice) } }
    }

    // MARK: Its own figures

    /// Publishes the diagnostic groups: ordinary scans of one block, also while nothing else can be read.
    func publishDiagnoses(_ now: Int64) {
        board.count(strays: strays)
        let wallOffset = clock.wall() - now
        for index in diagnoses.indices {
            let values = board.diagnose(&diagnoses[index], at: now)
            let readings = publisher.readings
            for (slot, value) in values.enumerated() {
                guard let value else {
                    readings[slot] = RawReading(bits: 0, slot: slot, quality: .neverRead).cell
                    continue
                }
                let bits = diagnoses[index].figures[slot].type.diagnosticBits(value)
                readings[slot] = RawReading(bits: bits, slot: slot, quality: .good).cell
            }
            let header = ScanHeader(
                sequence: diagnoses[index].sequence, group: diagnoses[index].group, count: values.count, sent: now,
                replied: now, wallOffset: wallOffset)
            // Its alarms have delays of seconds; what the ring has no room for is counted there.
            _ = publisher.publish(header, urgent: false)
            diagnoses[index].sequence += 1
        }
    }
}

extension ValueType {
    /// The bits of a figure: those of a float32, or a whole number.
    fileprivate func diagnosticBits(_ value: Double) -> UInt64 {
        self == .float32 ? UInt64(Float(value).bitPattern) : UInt64(max(0, value))
    }
}
