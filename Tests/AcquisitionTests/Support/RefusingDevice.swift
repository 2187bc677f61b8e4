import Modbus
import Plant

@testable import Acquisition

/// A controller as a block meets it: what it answers, refuses and leaves without an answer.
struct RefusingDevice {
    enum Reply: Equatable { case values, exception(UInt8), silence }

    /// Addresses that a request may not touch, and the code that it is refused with.
    var refused: [Int: UInt8] = [:]
    /// Addresses that make it silent.
    var silent: Set<Int> = []
    /// The most items it answers at once, and whether more is refused or met with silence.
    var limit = Int.max
    var isSilentBeyondLimit = false

    func reply(to range: RegisterRange) -> Reply {
        let asked = Int(range.start)..<range.end
        if range.count > limit { return isSilentBeyondLimit ? .silence : .exception(3) }
        if silent.contains(where: asked.contains) { return .silence }
        return refused.filter { asked.contains($0.key) }.min { $0.key < $1.key }.map { .exception($0.value) } ?? .values
    }
}

/// One block of a group and the controller behind it, asked as a line asks: a scan each second.
final class BlockOnTrial {
    /// What came of one scan.
    struct Scan {
        var requests: [ReadRequest] = []
        /// Tags whose values came.
        var answered: Set<Int> = []
        var lessons: [BlockParts.Lesson] = []
        var isLost = false
    }

    let planned: PlannedRequest
    let tags: [Tag]
    var parts: BlockParts
    var device: RefusingDevice
    private(set) var now: Int64 = 0

    /// - Parameter rows: must come in one block.
    init(_ rows: [SamplePlant.Row], maxGap: Int = 125, maxRegisters: Int = 125, _ device: RefusingDevice) {
        let plant = SamplePlant.plant([.init(maxRegisters: maxRegisters, maxGap: maxGap, rows: rows)])
        let requests = ScanPlan(plant: plant).lines[0].groups[0].requests
        precondition(requests.count == 1, "the rows are more than one block")
        planned = requests[0]
        tags = plant.tags
        parts = BlockParts(planned, tags: plant.tags, maxRegisters: maxRegisters)
        self.device = device
    }

    func wait(seconds: Int64) { now += seconds * 1_000_000_000 }

    func scan() -> Scan {
        wait(seconds: 1)
        var scan = Scan()
        var waiting = Array(parts.parts.reversed())
        if let test = parts.test(at: now) { waiting.append(test) }
        let budget = parts.parts.count + BlockParts.extraRequests
        var isSettled = true
        while let part = waiting.popLast() {
            guard scan.requests.count < budget else {
                isSettled = false
                break
            }
            scan.requests.append(part.request)
            switch device.reply(to: part.request.range) {
            case .values:
                parts.answered(part)
                scan.answered.formUnion(parts.tags(of: part))
            case .exception(let code):
                waiting += parts.refuse(part, code: code, at: now).reversed()
            case .silence:
                _ = parts.fellSilent(part, at: now)
                scan.isLost = true
                return scan
            }
        }
        if isSettled { scan.lessons = parts.settle(at: now) }
        return scan
    }
}
