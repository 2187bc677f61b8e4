import Plant

/// One controller: its process, its sensors' faults, and its registers. A value, stepped by its own clock, without I/O.
struct SimulatedController: Sendable {
    /// The most steps one call takes, about a second of computing. What is beyond is skipped, not caught up with: after
    /// a machine slept, a furnace must not live through its night in one go.
    static let mostSteps = 500_000

    /// How it answers on the network.
    enum Link: Hashable, Sendable { case up, silent, dead }

    let controller: Controller
    private let tags: [Tag]
    private let step: Double
    private var process: any ProcessModel
    /// For the tags the process knows nothing of.
    private var rest: GenericModel
    private var schedule: FaultSchedule
    private var isSensorOpen = false
    private var isStopped = false
    private var heartbeat: UInt64 = 0
    private var steps = 0
    private(set) var skippedSteps = 0

    private(set) var link = Link.up
    private(set) var image: RegisterImage
    /// What the registers hold, as engineering values, in the order of the tags.
    private var shown: [Double]
    private let places: [String: Int]

    init(
        controller: Controller, tags: [Tag], start: FurnacePhase, faults: [ScheduledFault], seed: UInt64, step: Double
    ) {
        self.controller = controller
        self.tags = tags
        self.step = step
        let noise = Noise(seed: seed, name: controller.name)
        rest = GenericModel(tags: tags, noise: noise)
        process =
            switch ProcessKind(controller: controller, tags: tags) {
            case .furnace: FurnaceModel(start: start, noise: noise)
            case .cell: CellModel(noise: noise)
            case .other: rest
            }
        schedule = FaultSchedule(faults)
        image = RegisterImage(tags: tags)
        shown = tags.map { _ in .nan }
        places = Dictionary(tags.enumerated().map { ($1.localName, $0) }, uniquingKeysWith: { first, _ in first })
        for tag in tags where tag.type.isString { image.store(text: controller.name, of: tag) }
        show()
    }

    /// Simulated seconds since the start.
    var time: Double { Double(steps) * step }

    /// What the registers of a tag hold, as a reader sees it; `nil` without such a tag, NaN for a string.
    func value(tag localName: String) -> Double? { places[localName].map { shown[$0] } }

    /// Steps up to `seconds` of simulated time.
    mutating func advance(to seconds: Double, notices: inout [SimulationNotice]) {
        var due = Int((seconds / step).rounded(.down)) - skippedSteps - steps
        guard due > 0 else { return }
        if due > Self.mostSteps {
            skippedSteps += due - Self.mostSteps
            due = Self.mostSteps
        }
        for _ in 0..<due {
            steps += 1
            if schedule.advance(to: time, notices: &notices) { applyFaults() }
            process.advance(by: step)
            rest.advance(by: step)
            if !isStopped { heartbeat &+= 1 }
        }
        if !isStopped { show() }
    }

    private mutating func applyFaults() {
        var disturbances = Disturbances()
        (isSensorOpen, isStopped, link) = (false, false, .up)
        for fault in schedule.activeFaults {
            switch fault {
            case .overTemperature(let kelvin): disturbances.overTemperature = kelvin
            case .thermocoupleOpen: isSensorOpen = true
            case .waterLoss: disturbances.waterLost = true
            case .feedStop: disturbances.feedStopped = true
            case .controllerDead: link = .dead
            case .controllerSilent: link = link == .dead ? .dead : .silent
            case .heartbeatFrozen: isStopped = true
            }
        }
        process.disturbances = disturbances
        rest.disturbances = disturbances
    }

    /// Puts what the instruments say into the registers.
    private mutating func show() {
        for (index, tag) in tags.enumerated() where !tag.type.isString {
            let bits = bits(of: tag)
            image.store(bits, of: tag)
            shown[index] = tag.engineering(bits)
        }
    }

    private func bits(of tag: Tag) -> UInt64 {
        if let expected = tag.expect { return tag.type.bits(nearest: expected) }
        if tag.id == controller.heartbeat { return tag.counterBits(heartbeat) }
        if isSensorOpen {
            if tag.isControlTemperature { return tag.bits(nearest: tag.upscale) }
            if tag.localName == "sensor_break" { return tag.bits(nearest: 1) }
        }
        return tag.bits(nearest: process[tag.localName] ?? rest[tag.localName] ?? 0)
    }
}

extension Tag {
    /// A counter that wraps where its register ends rather than stopping there.
    fileprivate func counterBits(_ count: UInt64) -> UInt64 {
        switch type {
        case .bool: count & 1
        case .int16: count & 0x7fff
        case .uint16: count & 0xffff
        case .int32: count & 0x7fff_ffff
        case .uint32: count & 0xffff_ffff
        // A float32 counts exactly up to 2^24.
        case .float32: type.bits(nearest: Double(count & 0xff_ffff))
        case .int64, .uint64: count & 0x7fff_ffff_ffff_ffff
        case .bcd16: count % 10_000
        case .bcd32: count % 100_000_000
        case .signmag16: count & 0x7fff
        case .signmag32: count & 0x7fff_ffff
        case .float64: type.bits(nearest: Double(count & 0xffff_ffff))
        case .string: 0
        }
    }
}
