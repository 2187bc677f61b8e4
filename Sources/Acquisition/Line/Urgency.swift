import Plant

/// Whether a block must wake the watch at once.
///
/// A wake-up costs more than everything else that is done for a block (measured: a quarter of the daemon's time went
/// into waking the watch for each of 400 blocks a second). Most blocks bring nothing that an alarm would notice:
/// every alarmed value is where it was among its limits, with the quality it had. Such a block waits in the ring
/// until the watch comes round, within 50 ms; one that crosses a limit, a deadband or a state rings.
///
/// It knows limits, not alarms: a value that moves among the limits rings whether or not an alarm then changes.
struct Urgency {
    private struct Watched {
        let slot: UInt16
        let type: ValueType
        let scale: Double
        let offset: Double
        let limits: Range<Int>
        var zone = -1
        var quality = Quality.neverRead
    }

    private var watched: [Watched] = []
    private let limits: [Double]
    /// Every block rings.
    private let rings: Bool

    init(_ tags: [Tag.ID], plant: Plant, limits byTag: [Tag.ID: [Double]], rings: Bool = false) {
        self.rings = rings
        var limits: [Double] = []
        for id in tags.sorted(by: { plant.tags[$0].slot < plant.tags[$1].slot }) {
            guard let own = byTag[id] else { continue }
            let first = limits.count
            limits += own
            let tag = plant.tags[id]
            watched.append(
                Watched(
                    slot: UInt16(truncatingIfNeeded: tag.slot), type: tag.type, scale: tag.scale, offset: tag.offset,
                    limits: first..<limits.count))
        }
        self.limits = limits
    }

    /// Everything a value may cross, by tag: limits with and without their deadband, and the values of states. What an
    /// alarm calculates from several values or over time is not among them: 50 ms do not matter there.
    static func limits(of plant: Plant) -> [Tag.ID: [Double]] {
        var limits: [Tag.ID: [Double]] = [:]
        for alarm in plant.alarms {
            for logic in [alarm.activity.when, alarm.activity.suppressedBy, alarm.detector.logic] {
                for (tag, value) in logic?.root.edges ?? [] { limits[tag, default: []].append(value) }
            }
            guard let tag = alarm.tag else { continue }
            switch alarm.detector {
            case .levels(let levels) where levels.figure == .value:
                let sign: Double = levels.isAbove ? 1 : -1
                for limit in levels.sets.flatMap(\.limits) {
                    limits[tag, default: []] += [limit.limit, limit.limit - sign * limit.deadband]
                }
            case .test(.state(let values), _): limits[tag, default: []] += values
            case .levels, .test, .lots, .comms, .health: break
            }
        }
        return limits
    }

    /// Looks at the readings of a block, in the order of their slots, and remembers where they are.
    mutating func look(at readings: UnsafeMutableBufferPointer<Cell>, count: Int) -> Bool {
        guard !watched.isEmpty else { return rings }
        var urgent = false
        var next = 0
        var at = 0
        while at < count, next < watched.count {
            let reading = RawReading(readings[at])
            at += 1 + Int(reading.continuation)
            guard reading.slot == watched[next].slot else { continue }
            let zone = reading.quality.isBad ? -1 : zone(reading.bits, watched[next])
            if zone != watched[next].zone || reading.quality != watched[next].quality {
                watched[next].zone = zone
                watched[next].quality = reading.quality
                urgent = true
            }
            next += 1
        }
        return urgent || rings
    }

    /// How many limits lie below the value, those it is exactly at counted half: two at each limit, so that below, at
    /// and above are three zones.
    private func zone(_ bits: UInt64, _ tag: Watched) -> Int {
        let value = tag.type.rawNumber(bits) * tag.scale + tag.offset
        var zone = 0
        for index in tag.limits { zone += (value >= limits[index] ? 1 : 0) + (value > limits[index] ? 1 : 0) }
        return zone
    }
}

extension Detector {
    fileprivate var logic: Logic? { if case .test(.logic(let logic), _) = self { logic } else { nil } }
}

extension Logic.Node {
    /// The values at which a comparison of one tag with a number changes.
    fileprivate var edges: [(Tag.ID, Double)] {
        switch self {
        case .compare(.tag(let tag), _, .number(let number)), .compare(.number(let number), _, .tag(let tag)):
            [(tag, number)]
        case .isOne(let tag, let values): values.map { (tag, $0) }
        case .compare, .anyBit, .alarm: []
        case .not(let node): node.edges
        case .all(let nodes), .any(let nodes), .atLeast(_, let nodes): nodes.flatMap(\.edges)
        }
    }
}
