public import Acquisition
public import Modbus
public import Plant

/// Whether each tag of a controller gives the same value when it is read by itself and in the block of the scan plan.
///
/// The two differ where a map is wrong in a way that no single reading shows: a gap that an instrument fills with
/// nonsense, a block that it shifts, a value that it gives only when it is asked for as a whole.
public struct MapCheck: Sendable {
    /// Looks at a tag that differs, each a reading alone and one in the block. White noise of a resolution without end
    /// still passes for a difference after six of them in 3.5 % of tags, after ten in 0.07 %, after twelve in 0.01 %
    /// (simulated).
    static let looks = 12
    /// Questions without an answer after which a controller that has not answered yet is not asked further.
    static let silences = 3

    public struct Finding: Sendable {
        public let tag: Tag.ID
        public let block: RegisterRange
        public let verdict: Verdict
        /// The last reading by itself, and the last in its block.
        public let alone: DecodedValue?
        public let inBlock: DecodedValue?
        /// Readings of the tag that were made.
        public let looks: Int
    }

    public enum Verdict: Sendable, Hashable {
        /// The same, and a number; perhaps an uncertain one.
        case ok
        /// The block's value is none that the tag has by itself.
        case differs
        /// The same, but no number.
        case bad(Quality)
        /// By itself it gives no value.
        case failsAlone(ModbusError)
        /// By itself it gives one, and its block does not.
        case failsInBlock(ModbusError)
    }

    public let controller: Controller.ID
    public private(set) var findings: [Finding] = []
    /// Tags that are not read: computed ones and Cupel's own counters.
    public let notRead: Int
    public private(set) var ending = Ending.complete

    /// Looks. Returns what was found also when it is interrupted or the controller goes away.
    public init(
        _ controller: Controller.ID, of plant: Plant, plan: ScanPlan, through inquiry: inout Inquiry,
        progress: Progress.Report = { _ in }
    ) {
        self.controller = controller
        let requests = plan.lines.flatMap(\.groups).filter { $0.controller == controller }.flatMap(\.requests)
        let total = requests.map(\.tags.count).reduce(0, +)
        notRead = plant.tags.filter { $0.controller == controller && $0.registers == nil }.count
        do throws(ModbusError) {
            for planned in requests {
                progress(Progress(what: "\(planned.range)", done: findings.count, total: total))
                try check(planned, plant.tags, &inquiry)
            }
        } catch {
            ending = Ending(error)
        }
    }

    public var isOk: Bool { ending == .complete && findings.allSatisfy { $0.verdict == .ok } }
}

extension MapCheck {
    /// What one tag gave so far.
    private struct Looks {
        let tag: Tag
        let request: ReadRequest
        var alone: [DecodedValue] = []
        var inBlock: DecodedValue?
        var aloneError: ModbusError?
        var blockError: ModbusError?
        var count = 0

        mutating func look(_ inquiry: inout Inquiry) throws(ModbusError) {
            let reply = try inquiry.askPatiently(request)
            count += 1
            aloneError = reply.error
            if let bytes = reply.bytes(of: request.range) { alone.append(tag.decoded(bytes)) }
        }

        mutating func take(_ block: Reply) {
            blockError = block.error
            inBlock = block.bytes(of: request.range).map(tag.decoded)
        }

        var verdict: Verdict {
            if let aloneError { return .failsAlone(aloneError) }
            if let blockError { return .failsInBlock(blockError) }
            guard let inBlock, MapCheck.agrees(inBlock, with: alone, of: tag) else { return .differs }
            return inBlock.quality.isBad ? .bad(inBlock.quality) : .ok
        }
    }

    /// All tags alone, the block, all tags alone again; then those that differ once more, closer together in time.
    private mutating func check(
        _ planned: PlannedRequest, _ tags: [Tag], _ inquiry: inout Inquiry
    ) throws(ModbusError) {
        var looks: [Looks] = planned.tags.compactMap { id in
            guard let place = tags[id].registers, let request = ReadRequest(unit: planned.request.unit, range: place)
            else { return nil }
            return Looks(tag: tags[id], request: request)
        }
        for index in looks.indices { try looks[index].look(&inquiry); try giveUpOnSilence(looks[...index]) }
        let block = try inquiry.askPatiently(planned.request)
        for index in looks.indices { looks[index].take(block) }
        for index in looks.indices where looks[index].aloneError == nil && block.error == nil {
            try looks[index].look(&inquiry)
            while looks[index].verdict == .differs, looks[index].count < MapCheck.looks {
                looks[index].take(try inquiry.askPatiently(planned.request))
                try looks[index].look(&inquiry)
            }
        }
        findings += looks.map {
            Finding(
                tag: $0.tag.id, block: planned.range, verdict: $0.verdict, alone: $0.alone.last, inBlock: $0.inBlock,
                looks: $0.count)
        }
    }

    private func giveUpOnSilence(_ looks: ArraySlice<Looks>) throws(ModbusError) {
        guard findings.isEmpty, looks.count == MapCheck.silences else { return }
        if let error = looks.last?.aloneError, looks.allSatisfy({ $0.aloneError?.keepsConnection == false }) {
            throw error
        }
    }

    /// True when the block's value is one that the tag had by itself, or lies between them: a value may move meanwhile.
    static func agrees(_ block: DecodedValue, with alone: [DecodedValue], of tag: Tag) -> Bool {
        if block.quality.isBad { return alone.contains { $0.quality == block.quality } }
        let numbers = alone.filter { !$0.quality.isBad }
        guard !tag.isDiscrete else {
            return numbers.contains { $0.bits == block.bits && $0.text == block.text }
        }
        let values = numbers.map { tag.type.rawNumber($0.bits) }
        guard let least = values.min(), let most = values.max() else { return false }
        let value = tag.type.rawNumber(block.bits)
        return least <= value && value <= most
    }
}
