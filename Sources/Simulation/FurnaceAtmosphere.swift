import Glibc

/// What surrounds the charge: air, vacuum, then argon.
public struct FurnaceAtmosphere: Hashable, Sendable {
    static let air = 101_325.0
    static let argon = 50_000.0
    /// The best the pumps reach, Pa, and their time constant in seconds: 10 Pa after two minutes.
    static let base = 3.0
    static let pumping = 12.0
    /// Pa/min while the valves are shut; below 0.5 is a tight furnace.
    static let leak = 0.3
    /// Above this, Pa, the furnace may not be heated for want of a vacuum before the argon.
    static let permitted = 10.0
    /// ppm and degC: argon after the purge, and the analyser's end of scale when it sees air.
    static let cleanOxygen = 3.0
    static let airOxygen = 1000.0
    static let cleanDewPoint = -72.0
    static let airDewPoint = 5.0
    /// Seconds for the analysers to come from one to the other.
    static let purge = 25.0

    public private(set) var pressure: Double
    public private(set) var isVacuumProved: Bool
    private var oxygen: Double
    private var dewPoint: Double
    private var shownPressure: Double
    private var shownOxygen: Double
    private var shownDewPoint: Double

    init(start: FurnacePhase) {
        let isOpen = start == .charge || start == .unload
        switch start {
        case .charge, .pumpDown, .unload: pressure = Self.air
        case .leakCheck, .backfill: pressure = Self.base
        case .heat, .melt, .soak, .cast, .cool: pressure = Self.argon
        }
        isVacuumProved = !isOpen && start != .pumpDown
        let isClean = start.isHeated || start == .cool
        oxygen = isClean ? Self.cleanOxygen : Self.airOxygen
        dewPoint = isClean ? Self.cleanDewPoint : Self.airDewPoint
        (shownPressure, shownOxygen, shownDewPoint) = (pressure, oxygen, dewPoint)
    }

    mutating func advance(by seconds: Double, in phase: FurnacePhase, elapsed: Double, noise: inout Noise) {
        switch phase {
        case .charge:
            pressure = Self.air
            isVacuumProved = false
        case .pumpDown:
            pressure = Self.base + (pressure - Self.base) * exp(-seconds / Self.pumping)
        case .leakCheck:
            pressure += Self.leak / 60 * seconds
            isVacuumProved = pressure <= Self.permitted
        case .backfill:
            pressure = min(Self.argon, pressure + Self.argon / 110 * seconds)
        case .heat, .melt, .soak, .cast, .cool:
            pressure += (Self.argon - pressure) * min(1, seconds / 60)
        case .unload:
            pressure = min(Self.air, pressure + Self.air / 60 * seconds)
            isVacuumProved = false
        }
        let isClean = phase == .backfill || phase.isHeated || phase == .cool
        let share = min(1, seconds / Self.purge)
        oxygen += ((isClean ? Self.cleanOxygen : Self.airOxygen) - oxygen) * share
        dewPoint += ((isClean ? Self.cleanDewPoint : Self.airDewPoint) - dewPoint) * share
        shownPressure = pressure * (1 + 0.002 * noise.normal())
        shownOxygen = max(0, oxygen * (1 + 0.02 * noise.normal()))
        shownDewPoint = dewPoint + 0.2 * noise.normal()
    }

    subscript(name: String) -> Double? {
        switch name {
        case "chamber_pressure": shownPressure
        case "argon_o2": shownOxygen
        case "argon_dew_point": shownDewPoint
        case "permit_vacuum": isVacuumProved ? 1 : 0
        default: nil
        }
    }
}
