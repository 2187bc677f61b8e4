/// The metal in the crucible: mass and heat, nothing that measures them.
///
/// Heat is kept per kilogram above 25 degC, so that melting is a plateau of the temperature and not a case of its own.
public struct FurnaceMelt: Hashable, Sendable {
    /// J/(kg K), solid and liquid alike.
    public static let heatCapacity = 620.0
    /// J/kg, and the temperature in degC where it is spent.
    public static let latentHeat = 250_000.0
    public static let meltingPoint = 1180.0
    /// W/K to the coil and the chamber.
    public static let loss = 55.0
    /// The part of the electric power that reaches the metal.
    public static let efficiency = 0.6
    public static let ambient = 25.0

    static let solidus = heatCapacity * (meltingPoint - ambient)

    /// kg.
    public private(set) var mass: Double
    /// J/kg above ambient.
    public private(set) var enthalpy: Double

    public init(mass: Double, enthalpy: Double) { (self.mass, self.enthalpy) = (mass, enthalpy) }

    /// Metal at a temperature in degC; at the melting point, with this fraction molten.
    public init(mass: Double, temperature: Double, molten: Double = 0) {
        let sensible = Self.heatCapacity * (temperature - Self.ambient)
        let isLiquid = temperature > Self.meltingPoint
        self.init(mass: mass, enthalpy: sensible + (isLiquid ? Self.latentHeat : molten * Self.latentHeat))
    }

    public var temperature: Double {
        if enthalpy <= Self.solidus { return Self.ambient + enthalpy / Self.heatCapacity }
        let beyond = enthalpy - Self.solidus - Self.latentHeat
        return beyond <= 0 ? Self.meltingPoint : Self.meltingPoint + beyond / Self.heatCapacity
    }

    /// Watts lost now.
    public var lossPower: Double { Self.loss * (temperature - Self.ambient) }

    mutating func heat(by seconds: Double, power: Double) {
        enthalpy += (Self.efficiency * power - lossPower) * seconds / mass
    }

    /// Adds cold metal: it takes its share of the heat there is.
    mutating func charge(_ kilograms: Double) {
        enthalpy *= mass / (mass + kilograms)
        mass += kilograms
    }

    mutating func pour(_ kilograms: Double, downTo heel: Double) { mass = max(heel, mass - kilograms) }
}
