import Modbus
import Plant

/// A part of a block that is asked for together with others.
struct AskedPart {
    let block: Int
    let part: BlockParts.Part
    /// What it was refused with.
    var refusal: ModbusError?
    var replied: Int64 = 0
}

/// Asking for several parts at once, where a controller takes that.
extension LineLoop where Transport: ~Copyable {
    /// After a fault with several requests on their way there is one at a time for so long: the fault may have been
    /// that it was several.
    static var singleFor: Int64 { 600_000_000_000 }

    /// Requests that a controller may have on its way now.
    func inFlight(_ unit: Int) -> Int {
        let most = units[unit].controller.pacing.maxInFlight
        if units[unit].inFlight < most, clock.monotonic() >= units[unit].inFlightAt {
            units[unit].inFlight = most
            board.inFlight(unit, most)
        }
        return units[unit].inFlight
    }

    /// Asks for all parts of all blocks, several at a time; what is refused for its registers is then looked into one
    /// request after the other.
    func askTogether(_ scan: inout ScanInHand) -> ModbusError? {
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

    func take(
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

    func lookIntoRefusals(_ scan: inout ScanInHand) -> ModbusError? {
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

    func retreat(_ unit: Int, after error: ModbusError) {
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
