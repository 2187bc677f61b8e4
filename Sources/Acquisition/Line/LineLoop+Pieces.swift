import Modbus
import Plant

/// Finding out what of a block is refused: it is asked for in parts, in one scan.
extension LineLoop where Transport: ~Copyable {
    /// A block that is asked for in parts, in one scan.
    struct Pieces {
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
    func ask(_ pieces: inout Pieces, atMost budget: Int, _ scan: inout ScanInHand) -> ModbusError? {
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
    func test(_ pieces: inout Pieces, _ scan: ScanInHand) {
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
    func finish(_ pieces: Pieces, _ scan: inout ScanInHand) {
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
    func halves(
        of part: BlockParts.Part, _ error: ModbusError, _ block: Int, _ scan: ScanInHand
    ) -> [BlockParts.Part] {
        guard case .exception(let code) = error else { return [] }
        return groups[scan.group].blocks[block].parts.refuse(part, code: code, at: lastReply)
    }
}
