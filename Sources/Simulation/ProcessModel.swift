public import Plant

/// The physics behind one controller: a value that is stepped and asked for what its instruments show.
///
/// A model knows names, not registers: the same furnace serves every register map that uses the same words.
public protocol ProcessModel: Sendable {
    /// What is being done to it from outside.
    var disturbances: Disturbances { get set }

    /// Steps the process by `seconds` of simulated time, at most `SimulationOptions.longestStep`.
    mutating func advance(by seconds: Double)

    /// The reading of the tag with this local name in its engineering unit; `nil` when the process has no such value.
    subscript(name: String) -> Double? { get }
}

/// Faults as the process feels them. Faults of the link or of a sensor never reach the physics.
public struct Disturbances: Hashable, Sendable {
    /// Kelvin above what the process would have by itself; 0 is none.
    public var overTemperature = 0.0
    public var waterLost = false
    public var feedStopped = false

    public init() {}
}

/// An excursion of the temperature that ramps in and out, as the surface of a melt does when the coupling shifts.
struct Excursion: Hashable, Sendable {
    /// Seconds from nothing to the whole excursion, and back. A demonstration has a minute to show one.
    static let ramp = 10.0

    private(set) var kelvin = 0.0
    private var rate = 0.0

    mutating func advance(by seconds: Double, toward target: Double) {
        if target != 0 { rate = abs(target) / Excursion.ramp }
        let step = rate * seconds
        kelvin += min(max(target - kelvin, -step), step)
    }
}

/// Which physics stands behind a controller.
public enum ProcessKind: String, Hashable, Sendable, CaseIterable {
    /// A vacuum induction furnace with strip caster (`FurnaceModel`).
    case furnace
    /// A molten-salt electrolysis cell (`CellModel`).
    case cell
    /// Anything else: slow waves (`GenericModel`).
    case other

    /// Reads the kind off the tags. Furnace and cell may share one register map, so a map that has both a cell's and a
    /// furnace's tags is a cell only when its name (`EC-01`) or its description ("electrolysis cell") says so.
    public init(controller: Controller, tags: [Tag]) {
        let names = Set(tags.map(\.localName))
        let described = controller.description?.lowercased().split { !$0.isLetter }.contains("cell") ?? false
        if names.isSuperset(of: ["cell_current", "oxide_feed"]),
            described || controller.name.uppercased().hasPrefix("EC") || !names.contains("melt_temp")
        {
            self = .cell
        } else {
            self = names.contains("melt_temp") ? .furnace : .other
        }
    }
}
