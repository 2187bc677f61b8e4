import Modbus
import Plant

/// One scan on its way.
struct ScanInHand {
    let group: Int
    let unit: Int
    /// Just before its first request, CLOCK_MONOTONIC, and UTC minus that.
    let sent: Int64
    let wallOffset: Int64
    /// Blocks that were published; they go out in their order.
    var published = 0
}

/// One value that shows whether a controller is there.
struct Probe {
    let group: Int
    let block: Int
    let request: ReadRequest
}

/// A part of a block that is asked for together with others.
struct AskedPart {
    let block: Int
    let part: BlockParts.Part
    /// What it was refused with.
    var refusal: ModbusError?
    var replied: Int64 = 0
}

/// Asking for the blocks of a scan, and finding out what in them is refused.
extension LineLoop where Transport: ~Copyable {
    /// After a fault with several requests on their way there is one at a time for so long: the fault may have been
    /// that it was several.
    static var singleFor: Int64 { 600_000_000_000 }

    private enum Answer {
        case values
        /// Refused for its registers.
        case registers(ModbusError)
        /// Refused for now.
        case refused(ModbusError)
        case lost(ModbusError)
    }

    /// What the controller should be asked for before a scan: one value, when it fell silent, or when it is not known to
    /// answer and all of the group is quarantined, so that nothing would be asked.
    ///
    /// Another value each time that the last was met with silence, from any of its groups: it may be that value alone.
    func probe(before scan: ScanInHand) -> Probe? {
        guard let first = groups[scan.group].blocks.first else { return nil }
        let unit = units[scan.unit]
        let hasParts = !groups[scan.group].blocks.allSatisfy(\.parts.parts.isEmpty)
        guard unit.mustProbe || !unit.answers && !hasParts else { return nil }
        let all = unit.groups.flatMap { group in groups[group].blocks.indices.map { (group: group, block: $0) } }
        let speaking = all.filter { !groups[$0.group].blocks[$0.block].parts.isSilent }
        let candidates = speaking.isEmpty ? all : speaking
        let (group, block) = candidates[unit.silentProbes % candidates.count]
        guard let request = groups[group].blocks[block].parts.probe(unit.silentProbes / candidates.count) else {
            return nil
        }
        // It would be asked for just that anyway.
        if first.parts.isWhole, first.request == request { return nil }
        return Probe(group: group, block: block, request: request)
    }

    /// Asks for one value only.
    ///
    /// - Returns: why the controller or the line is lost; `nil` when it answered, with a refusal or a value.
    func ask(_ probe: Probe, before scan: ScanInHand) -> ModbusError? {
        let other = ScanInHand(group: probe.group, unit: scan.unit, sent: scan.sent, wallOffset: scan.wallOffset)
        switch read(probe.request, into: probe.block, of: other) {
        case .values, .registers, .refused:
            units[scan.unit].mustProbe = false
            return nil
        case .lost(let error):
            return error
        }
    }

    /// Asks for all blocks of a scan.
    ///
    /// - Returns: why the controller or the line is lost, if it is.
    func ask(_ scan: inout ScanInHand) -> ModbusError? {
        if inFlight(scan.unit) > 1 { return askTogether(&scan) }
        for block in groups[scan.group].blocks.indices {
            board.turned(clock.monotonic())
            if let lost = ask(block, &scan) { return lost }
        }
        return nil
    }

    private func ask(_ block: Int, _ scan: inout ScanInHand) -> ModbusError? {
        // The connection went with the test of a silent value; the scan itself is well.
        guard transport.isConnected || connect() else { return .stopped }
        let before = groups[scan.group].blocks[block].parts
        guard before.isWhole else {
            var pieces = Pieces(block, before, asked: before.parts)
            return ask(&pieces, atMost: before.parts.count + BlockParts.extraRequests, &scan)
        }
        let part = before.parts[0]
        switch read(part.request, into: block, of: scan) {
        case .values:
            groups[scan.group].blocks[block].parts.answered(part)
            // A refusal before it was one alone, and teaches nothing.
            settle(block, scan)
            complete(block, [], &scan)
            return nil
        case .registers(let error):
            var pieces = Pieces(block, before, asked: halves(of: part, error, block, scan), refused: error)
            return ask(&pieces, atMost: BlockParts.extraRequests, &scan)
        case .refused(let error):
            complete(
                block, [Quality](repeating: error.quality, count: groups[scan.group].blocks[block].tags.count), &scan)
            return nil
        case .lost(let error):
            fellSilent(block, part, error, scan)
            return error
        }
    }

    /// A block that is asked for in parts, in one scan.
    private struct Pieces {
        let block: Int
        /// How the block was asked for when the scan began.
        let before: BlockParts
        /// What is still to be asked for, the next one last.
        var waiting: [BlockParts.Part]
        /// Whether each of the block's tags was answered in this scan: only then does it have a number.
        var isAnswered: [Bool]
        /// Why a part has no values although it is asked for.
        var passing: [(part: BlockParts.Part, quality: Quality)] = []
        var refusals = 0
        var lastRefusal: Quality

        init(_ block: Int, _ before: BlockParts, asked: [BlockParts.Part], refused: ModbusError? = nil) {
            self.block = block
            self.before = before
            waiting = asked.reversed()
            isAnswered = Array(repeating: false, count: before.tagCount)
            refusals = refused == nil ? 0 : 1
            lastRefusal = refused?.quality ?? .exception(2)
        }

        /// Nothing of the block was answered, and not for long: a controller that is being loaded refuses everything.
        var isMoment: Bool {
            refusals > 0 && before.refusedWhole < BlockParts.patience && !isAnswered.contains(true)
        }

        mutating func answered(_ part: BlockParts.Part) {
            for tag in before.tags(of: part) { isAnswered[tag] = true }
        }
    }

    /// Asks for a block in parts, and for the halves of those that are refused, until it is known which values are.
    private func ask(_ pieces: inout Pieces, atMost budget: Int, _ scan: inout ScanInHand) -> ModbusError? {
        let (group, block) = (scan.group, pieces.block)
        var asked = 0
        while let part = pieces.waiting.popLast() {
            if pieces.isMoment, pieces.refusals >= BlockParts.momentRequests { break }
            guard asked < budget else {
                // Not known yet; the next scan goes on here.
                pieces.passing.append((part, pieces.lastRefusal))
                continue
            }
            asked += 1
            board.turned(clock.monotonic())
            switch read(part.request, into: block, of: scan) {
            case .values:
                pieces.answered(part)
                groups[group].blocks[block].parts.answered(part)
            case .registers(let error):
                pieces.refusals += 1
                pieces.lastRefusal = error.quality
                pieces.waiting += halves(of: part, error, block, scan).reversed()
            case .refused(let error):
                pieces.passing.append((part, error.quality))
            case .lost(let error):
                fellSilent(block, part, error, scan)
                return error
            }
        }
        if !pieces.isMoment { test(&pieces, scan) }
        finish(pieces, &scan)
        return nil
    }

    /// Asks again for one quarantined value, if it is time. Last, because what is met with silence takes the connection
    /// with it: all else of the block is there by then, and nobody is lost for a value that is left alone anyway.
    private func test(_ pieces: inout Pieces, _ scan: ScanInHand) {
        let (group, block) = (scan.group, pieces.block)
        guard let part = groups[group].blocks[block].parts.test(at: scan.sent) else { return }
        board.turned(clock.monotonic())
        switch read(part.request, into: block, of: scan) {
        case .values:
            pieces.answered(part)
            groups[group].blocks[block].parts.answered(part)
        case .registers(let error):
            _ = halves(of: part, error, block, scan)
        case .refused: break
        case .lost(let error):
            if error != .stopped { board.count(error, of: scan.unit) }
            guard !error.keepsConnection else { return }
            fellSilent(block, part, error, scan)
            transport.close()
            board.disconnected()
        }
    }

    /// All of a block was asked for; some of it may have been refused for this time.
    private func finish(_ pieces: Pieces, _ scan: inout ScanInHand) {
        let (group, block) = (scan.group, pieces.block)
        if pieces.isMoment {
            groups[group].blocks[block].parts = pieces.before
            groups[group].blocks[block].parts.wasRefusedWhole()
            let refused = pieces.before.refused
            complete(
                block,
                pieces.isAnswered.indices.map {
                    refused.isEmpty || refused[$0].isGood ? pieces.lastRefusal : refused[$0]
                },
                &scan)
            return
        }
        if pieces.passing.isEmpty { settle(block, scan) }
        let refused = groups[group].blocks[block].parts.refused
        var qualities = pieces.isAnswered.indices.map { tag -> Quality in
            if pieces.isAnswered[tag] { return .good }
            return refused.isEmpty || refused[tag].isGood ? pieces.lastRefusal : refused[tag]
        }
        for (part, quality) in pieces.passing {
            for tag in pieces.before.tags(of: part) where !pieces.isAnswered[tag] { qualities[tag] = quality }
        }
        groups[group].blocks[block].parts.scanEnded()
        complete(block, qualities.allSatisfy(\.isGood) ? [] : qualities, &scan)
    }

    /// What to ask for instead of a part that was refused for its registers.
    private func halves(
        of part: BlockParts.Part, _ error: ModbusError, _ block: Int, _ scan: ScanInHand
    ) -> [BlockParts.Part] {
        guard case .exception(let code) = error else { return [] }
        return groups[scan.group].blocks[block].parts.refuse(part, code: code, at: lastReply)
    }

    // MARK: One request

    /// Asks for some of a block and puts the values where they belong in it.
    private func read(_ request: ReadRequest, into block: Int, of scan: ScanInHand) -> Answer {
        guard pace(scan.unit) else { return .lost(.stopped) }
        let asked = clock.monotonic()
        let whole = groups[scan.group].blocks[block].request.range
        let place = groups[scan.group].blocks[block].place
        let skip = Int(request.range.start) - Int(whole.start)
        let bytes: Int
        do throws(ModbusError) {
            let timeout = units[scan.unit].controller.timeout
            // A reply of bits ends with a byte of which some belong to the next part.
            if whole.table.isBits, request.range != whole {
                bytes = try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: LineGroup.payloadBytes) {
                    (bits) throws(ModbusError) -> Int in
                    let count = try transport.read(request, timeout: timeout, into: bits)
                    paste(UnsafeBufferPointer(bits), request, block, of: scan.group)
                    return count
                }
            } else {
                let offset = place + skip * 2
                bytes = try transport.read(
                    request, timeout: timeout, into: UnsafeMutableBufferPointer(rebasing: payloads[offset...]))
            }
        } catch {
            lastReply = clock.monotonic()
            return refusal(error, scan.unit)
        }
        lastReply = clock.monotonic()
        units[scan.unit].answeredSinceConnect = true
        board.answered(scan.unit, after: lastReply - asked, bytes: bytes)
        return .values
    }

    private func refusal(_ error: ModbusError, _ unit: Int) -> Answer {
        switch LinkPolicy.consequence(of: error, othersAnswer: true) {
        case .registers:
            units[unit].answeredSinceConnect = true
            board.count(error, of: unit)
            return .registers(error)
        case .block:
            units[unit].answeredSinceConnect = true
            board.count(error, of: unit)
            return .refused(error)
        case .controller, .line, .end:
            return .lost(error)
        }
    }

    /// Puts the values of a part where they belong in their block.
    private func paste(_ values: UnsafeBufferPointer<UInt8>, _ request: ReadRequest, _ block: Int, of group: Int) {
        let whole = groups[group].blocks[block].request.range
        let place = groups[group].blocks[block].place
        let skip = Int(request.range.start) - Int(whole.start)
        guard whole.table.isBits else {
            let target = UnsafeMutableBufferPointer(rebasing: payloads[(place + skip * 2)...])
            target.baseAddress?.update(from: values.baseAddress!, count: request.payloadBytes)
            return
        }
        for bit in 0..<request.range.count {
            let isSet = values[bit >> 3] >> UInt8(bit & 7) & 1
            let (byte, mask) = (place + (skip + bit) >> 3, UInt8(1) << UInt8((skip + bit) & 7))
            payloads[byte] = isSet == 0 ? payloads[byte] & ~mask : payloads[byte] | mask
        }
    }

    // MARK: Several requests at once

    /// Requests that a controller may have on its way now.
    private func inFlight(_ unit: Int) -> Int {
        let most = units[unit].controller.pacing.maxInFlight
        if units[unit].inFlight < most, clock.monotonic() >= units[unit].inFlightAt {
            units[unit].inFlight = most
            board.inFlight(unit, most)
        }
        return units[unit].inFlight
    }

    /// Asks for all parts of all blocks, several at a time; what is refused for its registers is then looked into one
    /// request after the other.
    private func askTogether(_ scan: inout ScanInHand) -> ModbusError? {
        let (group, unit) = (scan.group, scan.unit)
        let depth = units[unit].inFlight
        together.removeAll(keepingCapacity: true)
        togetherRequests.removeAll(keepingCapacity: true)
        togetherOpen.removeAll(keepingCapacity: true)
        for block in groups[group].blocks.indices {
            togetherOpen.append(groups[group].blocks[block].parts.parts.count)
            for part in groups[group].blocks[block].parts.parts {
                together.append(AskedPart(block: block, part: part))
                togetherRequests.append(part.request)
            }
        }
        board.turned(clock.monotonic())
        var answered = 0
        var hand = scan
        var lost: ModbusError?
        let begun = clock.monotonic()
        do throws(ModbusError) {
            try transport.read(togetherRequests, depth: depth, timeout: units[unit].controller.timeout) {
                index, result in
                let now = clock.monotonic()
                // A request leaves when the reply of the one `depth` before it has come.
                let left = answered < depth ? begun : together[answered - depth].replied
                together[answered].replied = now
                answered += 1
                lastReply = now
                board.turned(now)
                take(index, result, after: now - left, &hand)
            }
        } catch {
            lastReply = clock.monotonic()
            lost = error
        }
        scan = hand
        if let lost {
            retreat(unit, after: lost)
            return lost
        }
        return lookIntoRefusals(&scan)
    }

    private func take(
        _ index: Int, _ result: Result<UnsafeBufferPointer<UInt8>, ModbusError>, after nanoseconds: Int64,
        _ scan: inout ScanInHand
    ) {
        let block = together[index].block
        switch result {
        case .success(let values):
            units[scan.unit].answeredSinceConnect = true
            board.answered(scan.unit, after: nanoseconds, bytes: values.count)
            paste(values, together[index].part.request, block, of: scan.group)
            groups[scan.group].blocks[block].parts.answered(together[index].part)
            togetherOpen[block] -= 1
        case .failure(let error):
            together[index].refusal = error
        }
        // In their order: the watch computes what depends on a scan when the last of its blocks has come.
        while scan.published < togetherOpen.count, togetherOpen[scan.published] == 0,
            !groups[scan.group].blocks[scan.published].parts.hasRefusals
        {
            settle(scan.published, scan)
            complete(scan.published, [], &scan)
        }
    }

    private func lookIntoRefusals(_ scan: inout ScanInHand) -> ModbusError? {
        while scan.published < groups[scan.group].blocks.count {
            let block = scan.published
            guard transport.isConnected || connect() else { return .stopped }
            var pieces = Pieces(block, groups[scan.group].blocks[block].parts, asked: [])
            for asked in together where asked.block == block {
                guard let error = asked.refusal else {
                    pieces.answered(asked.part)
                    continue
                }
                switch refusal(error, scan.unit) {
                case .registers:
                    pieces.refusals += 1
                    pieces.lastRefusal = error.quality
                    pieces.waiting += halves(of: asked.part, error, block, scan).reversed()
                case .refused: pieces.passing.append((asked.part, error.quality))
                case .lost: return error
                case .values: break
                }
            }
            if let lost = ask(&pieces, atMost: BlockParts.extraRequests, &scan) { return lost }
        }
        return nil
    }

    private func retreat(_ unit: Int, after error: ModbusError) {
        guard error != .stopped, units[unit].inFlight > 1, !error.keepsConnection else { return }
        units[unit].inFlight = 1
        units[unit].inFlightAt = clock.monotonic() + Self.singleFor
        board.inFlight(unit, 1)
        tell(
            LineNotice(
                subject: units[unit].controller.name, isFault: false,
                cause:
                    "\(error) with several requests on their way: one at a time for \(Self.singleFor / 60_000_000_000) min"
            ))
    }
}
