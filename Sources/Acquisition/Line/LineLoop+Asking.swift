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

/// Asking for the blocks of a scan.
extension LineLoop where Transport: ~Copyable {
    enum Answer {
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

    func ask(_ block: Int, _ scan: inout ScanInHand) -> ModbusError? {
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

    // MARK: One request

    /// Asks for some of a block and puts the values where they belong in it.
    func read(_ request: ReadRequest, into block: Int, of scan: ScanInHand) -> Answer {
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

    func refusal(_ error: ModbusError, _ unit: Int) -> Answer {
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
    func paste(_ values: UnsafeBufferPointer<UInt8>, _ request: ReadRequest, _ block: Int, of group: Int) {
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
}
