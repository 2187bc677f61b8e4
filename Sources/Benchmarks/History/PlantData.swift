import Glibc

/// A plant that exists only as numbers: 1 000 tags on 20 controllers, read once a second, the same in every run.
///
/// 40 of 100 tags are temperatures (0.1 degC), 20 flows (0.01), 10 counters of pieces, 5 assays with a value every ten
/// minutes, 15 set points, 5 modes and 5 valves. One controller is away for a minute of every hour. The generator and the
/// order of its draws are those of the C program that the prototypes of the historian were measured with, so that its
/// figures can be compared with theirs.
struct PlantData {
    /// What a tag measures, and so how it moves.
    enum Kind: UInt8 {
        case temperature, flow, counter, purity, setPoint, mode, valve

        /// The kinds repeat every twenty tags.
        init(ofTag number: Int) {
            switch number % 20 {
            case 0..<8: self = .temperature
            case 8..<12: self = .flow
            case 12..<14: self = .counter
            case 14: self = .purity
            case 15..<18: self = .setPoint
            case 18: self = .mode
            default: self = .valve
            }
        }

        var isAnalog: Bool { self == .temperature || self == .flow }
    }

    /// All tags of one controller at one moment.
    struct Scan {
        var controller = 0
        /// UTC milliseconds.
        var time: Int64 = 0
        /// The controller did not answer; what it would have said is there all the same.
        var isLost = false
        /// What the registers hold, by slot.
        var raw: [Int32] = []
        /// The same before it was rounded to a register: what a controller with float registers would hold.
        var exact: [Double] = []
    }

    static let tagsOfController = 50
    /// 2026-01-01T00:00:00Z in UTC milliseconds.
    static let start: Int64 = 1_767_225_600_000
    /// The controller that is away in the 31st minute of every hour.
    static let troubled = 7

    let tagCount: Int
    var controllerCount: Int { (tagCount + PlantData.tagsOfController - 1) / PlantData.tagsOfController }
    private(set) var second = 0
    private var controller = 0
    private var draws = Draws()
    private var signals: [Signal]

    init(tagCount: Int = 1000) {
        self.tagCount = tagCount
        var draws = Draws()
        signals = (0..<tagCount).map { Signal(Kind(ofTag: $0), &draws) }
        self.draws = draws
    }

    /// The next scan: controller by controller, second by second, without end.
    mutating func next(into scan: inout Scan) {
        // Scans follow each other 40 ms apart, a little late each, and one in a hundred up to 60 ms late.
        var late = abs(draws.normal()) * 1.5
        if draws.uniform() < 0.01 { late += draws.uniform() * 60 }
        scan.controller = controller
        scan.time = PlantData.start + Int64(second) * 1000 + Int64(controller * 40) + Int64(late)
        scan.isLost = controller == PlantData.troubled && (1800..<1860).contains(second % 3600)
        scan.raw.removeAll(keepingCapacity: true)
        scan.exact.removeAll(keepingCapacity: true)
        let first = controller * PlantData.tagsOfController
        for tag in first..<min(first + PlantData.tagsOfController, tagCount) {
            let exact = signals[tag].next(second: second, tag: tag, &draws)
            scan.exact.append(exact)
            scan.raw.append(Int32(exact.rounded(.toNearestOrEven)))
        }
        controller += 1
        if controller == controllerCount { (controller, second) = (0, second + 1) }
    }
}

/// One tag's course.
private struct Signal {
    private let kind: PlantData.Kind
    private var base = 0.0
    private var amplitude = 0.0
    private var period = 1.0
    private var noise = 0.0
    private var walk = 0.0
    private var rate = 0.0
    /// How far it has wandered off.
    private var drift = 0.0
    private var count: Int64 = 0
    private var held: Int32 = 0

    init(_ kind: PlantData.Kind, _ draws: inout Draws) {
        self.kind = kind
        switch kind {
        case .temperature:
            base = 200 + draws.uniform() * 1500
            amplitude = 50 + draws.uniform() * 250
            period = 1200 + draws.uniform() * 4200
            noise = 0.8 + draws.uniform() * 2.2
            walk = 0.05
        case .flow:
            base = 500 + draws.uniform() * 6000
            amplitude = 20 + draws.uniform() * 200
            period = 300 + draws.uniform() * 3000
            noise = 2 + draws.uniform() * 6
            walk = 0.3
        case .counter:
            count = Int64(draws.uniform() * 1e6)
            let share = draws.uniform()
            rate = 0.2 + share * draws.uniform() * 20
        case .purity: held = Signal.assay(&draws)
        case .setPoint: held = Int32(draws.uniform() * 2000)
        case .mode, .valve: held = Int32(draws.uniform() * 8)
        }
    }

    mutating func next(second: Int, tag: Int, _ draws: inout Draws) -> Double {
        switch kind {
        case .temperature, .flow:
            drift += draws.normal() * walk
            return base + amplitude * sin(6.2831853 * (Double(second) / period) + Double(tag)) + drift
                + draws.normal() * noise
        case .counter:
            count += draws.poisson(rate)
            return Double(count)
        case .purity:
            if second % 600 == tag * 7 % 600 { held = Signal.assay(&draws) }
        case .setPoint:
            if draws.uniform() < 1 / 900.0 { held = Int32(draws.uniform() * 2000) }
        case .mode:
            if draws.uniform() < 1 / 120.0 { held = Int32(draws.uniform() * 8) }
        case .valve:
            if draws.uniform() < 1 / 120.0 { held = held == 0 ? 1 : 0 }
        }
        return Double(held)
    }

    private static func assay(_ draws: inout Draws) -> Int32 { 99_200 + Int32(draws.uniform() * 750) }
}

/// SplitMix64 (Steele, Lea, Flood 2014) and the distributions drawn from it.
private struct Draws {
    private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// 0 to below 1, in steps of 2^-53.
    mutating func uniform() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }

    /// Standard normal (Box and Muller 1958), one of the pair.
    mutating func normal() -> Double {
        let (radius, angle) = (uniform() + 1e-18, uniform())
        return sqrt(-2 * log(radius)) * cos(6.283185307179586 * angle)
    }

    /// Poisson (Knuth, The Art of Computer Programming 3.4.1), 200 at most.
    mutating func poisson(_ mean: Double) -> Int64 {
        let limit = exp(-mean)
        var (product, count) = (uniform(), Int64(0))
        while product > limit, count < 200 {
            product *= uniform()
            count += 1
        }
        return count
    }
}
