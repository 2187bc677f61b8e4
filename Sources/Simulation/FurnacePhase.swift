/// The phases of a strip-casting heat, with the codes the controllers show.
public enum FurnacePhase: Int, Hashable, Sendable, CaseIterable {
    case charge = 10
    case pumpDown = 20
    case leakCheck = 30
    case backfill = 40
    /// Solid, up to the melting point.
    case heat = 50
    /// From the melting point until the melt is at casting temperature.
    case melt = 60
    case soak = 70
    case cast = 80
    case cool = 90
    case unload = 100

    /// What follows; after `unload` the next heat is charged.
    public var next: FurnacePhase {
        switch self {
        case .charge: .pumpDown
        case .pumpDown: .leakCheck
        case .leakCheck: .backfill
        case .backfill: .heat
        case .heat: .melt
        case .melt: .soak
        case .soak: .cast
        case .cast: .cool
        case .cool: .unload
        case .unload: .charge
        }
    }

    /// Seconds, where the clock ends the phase; `nil` where the temperature does.
    public var duration: Double? {
        switch self {
        case .charge: 900
        case .pumpDown: 120
        case .leakCheck: 300
        case .backfill: 120
        case .heat, .melt: nil
        case .soak: 480
        case .cast: 270
        case .cool: 4500
        case .unload: 300
        }
    }

    /// True while the coil may be powered.
    public var isHeated: Bool {
        switch self {
        case .heat, .melt, .soak, .cast: true
        case .charge, .pumpDown, .leakCheck, .backfill, .cool, .unload: false
        }
    }
}
