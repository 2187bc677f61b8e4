import Glibc

/// A vacuum induction furnace with strip caster, melting 600 kg of NdFeB at 500 kW: heat after heat, for ever.
///
/// Solid to about 27 min after power-on, molten at 37, at 1450 degC and in soak at 46.
public struct FurnaceModel: ProcessModel {
    public static let fullCharge = 600.0
    /// What stays in the crucible after casting, lining included, as kilograms of metal.
    static let heel = 60.0
    /// Watts.
    static let fullPower = 500_000.0
    public static let castingTemperature = 1450.0
    /// Kelvin below the casting temperature at which the power begins to come down, and where soak begins.
    static let approach = 30.0
    static let arrival = 3.0
    /// The hard-wired over-temperature relay, degC; it stays in until the heat is unloaded.
    public static let tripTemperature = 1600.0
    /// Half of what the melt loses goes into the coil water, the rest into the chamber.
    static let lossIntoWater = 0.5
    /// Wall temperature: its share of the melt's, and its lag in seconds.
    static let wallShare = 0.15
    static let wallLag = 600.0
    static let castingWheelSpeed = 1.2
    static let castingTundish = 1340.0
    static let tundishLag = 40.0

    public var disturbances = Disturbances()

    public private(set) var phase: FurnacePhase
    /// Seconds since the phase began.
    public private(set) var phaseElapsed: Double
    /// Heats begun; the number on the heat's papers.
    public private(set) var batch: Int
    public private(set) var melt: FurnaceMelt
    /// Watts.
    public private(set) var power = 0.0
    /// kWh since the charge.
    public private(set) var energy = 0.0
    public private(set) var isOverTemperatureTripped = false
    public private(set) var water: CoolingWater
    var atmosphere: FurnaceAtmosphere
    var assay: Assay
    private var wall: Double
    private var tundish: Double
    private var wheel = 0.0
    private var excursion = Excursion()
    private var sensors: Sensors
    private var noise: Noise

    private struct Sensors {
        var pyrometer, witness, wall, tundish, power, wheel: Sensor
    }

    /// - Parameters:
    ///   - start: where the first heat stands; `soak` and `cool` begin half-way.
    ///   - noise: of its sensors and assays.
    public init(start: FurnacePhase = .soak, noise: Noise) {
        phase = start
        self.noise = noise
        phaseElapsed = start == .soak || start == .cool ? (start.duration ?? 0) / 2 : 0
        batch = 2410
        melt = Self.melt(at: start)
        let hot = melt.temperature
        power = start.isHeated ? Self.demand(at: hot) : 0
        if start.isHeated || start == .cool { energy = Self.energyToReach(melt) }
        let wallStart = FurnaceMelt.ambient + Self.wallShare * (hot - FurnaceMelt.ambient)
        wall = wallStart
        tundish = start == .cast ? Self.castingTundish : FurnaceMelt.ambient
        wheel = start == .cast ? Self.castingWheelSpeed : 0
        atmosphere = FurnaceAtmosphere(start: start)
        water = CoolingWater(
            nominalFlow: 180, tripFlow: 120, inlet: 28, heat: Self.heatIntoWater(power: power, melt: melt))
        assay = Assay(
            typical: .init(iron: 350, carbon: 280, oxygen: 240, calcium: 30, others: 900), sample: batch - 1)
        sensors = Sensors(
            pyrometer: Sensor(at: hot, timeConstant: 5, noise: 0.8),
            witness: Sensor(at: hot, timeConstant: 20, noise: 0.6, driftPerHour: -0.1, driftAbove: 1300),
            wall: Sensor(at: wallStart, timeConstant: 30, noise: 0.3),
            tundish: Sensor(at: tundish, timeConstant: 10, noise: 1.5),
            power: Sensor(at: power, timeConstant: 1, noise: 400),
            wheel: Sensor(at: wheel, timeConstant: 0.5, noise: 0.004))
    }

    private static func melt(at phase: FurnacePhase) -> FurnaceMelt {
        switch phase {
        case .charge: FurnaceMelt(mass: heel, temperature: 60)
        case .pumpDown, .leakCheck, .backfill: FurnaceMelt(mass: fullCharge, temperature: FurnaceMelt.ambient)
        case .heat: FurnaceMelt(mass: fullCharge, temperature: 700)
        case .melt: FurnaceMelt(mass: fullCharge, temperature: FurnaceMelt.meltingPoint, molten: 0.5)
        case .soak, .cast: FurnaceMelt(mass: fullCharge, temperature: castingTemperature)
        case .cool: FurnaceMelt(mass: heel, temperature: 700)
        case .unload: FurnaceMelt(mass: heel, temperature: 60)
        }
    }

    /// Watts the temperature controller asks for: full power, then proportional down to what the melt loses.
    static func demand(at temperature: Double) -> Double {
        let hold = FurnaceMelt.loss * (castingTemperature - FurnaceMelt.ambient) / FurnaceMelt.efficiency
        let gain = (fullPower - hold) / approach
        return min(fullPower, max(0, hold + gain * (castingTemperature - temperature)))
    }

    /// A plausible meter reading for a heat that has come this far, kWh: what a full charge holds, a tenth for losses.
    private static func energyToReach(_ melt: FurnaceMelt) -> Double {
        melt.enthalpy * fullCharge / FurnaceMelt.efficiency / 3.6e6 * 1.1
    }

    private static func heatIntoWater(power: Double, melt: FurnaceMelt) -> Double {
        (1 - FurnaceMelt.efficiency) * power + lossIntoWater * melt.lossPower
    }

    // MARK: Stepping

    public mutating func advance(by seconds: Double) {
        phaseElapsed += seconds
        if isPhaseOver { begin(phase.next) }
        heat(for: seconds)
        moveMetal(for: seconds)
        atmosphere.advance(by: seconds, in: phase, elapsed: phaseElapsed, noise: &noise)
        let intoWater = Self.heatIntoWater(power: power, melt: melt)
        water.advance(by: seconds, heat: intoWater, lost: disturbances.waterLost, noise: &noise)
        assay.advance(by: seconds, noise: &noise)
        measure(for: seconds)
    }

    private var isPhaseOver: Bool {
        if let duration = phase.duration { return phaseElapsed >= duration }
        return melt.temperature >= (phase == .heat ? FurnaceMelt.meltingPoint : Self.castingTemperature - Self.arrival)
    }

    private mutating func begin(_ next: FurnacePhase) {
        phase = next
        phaseElapsed = 0
        switch next {
        case .charge:
            batch += 1
            energy = 0
            isOverTemperatureTripped = false
        case .cool: assay.take(sample: batch)
        case .pumpDown, .leakCheck, .backfill, .heat, .melt, .soak, .cast, .unload: break
        }
    }

    private mutating func heat(for seconds: Double) {
        let isPermitted = phase.isHeated && !water.isTripped && !isOverTemperatureTripped
        power = isPermitted ? Self.demand(at: melt.temperature) : 0
        melt.heat(by: seconds, power: power)
        energy += power * seconds / 3.6e6
        wall +=
            (FurnaceMelt.ambient + Self.wallShare * (melt.temperature - FurnaceMelt.ambient) - wall)
            * min(1, seconds / Self.wallLag)
        excursion.advance(by: seconds, toward: disturbances.overTemperature)
    }

    private mutating func moveMetal(for seconds: Double) {
        let batchMass = Self.fullCharge - Self.heel
        if phase == .charge, melt.mass < Self.fullCharge, let time = phase.duration {
            melt.charge(min(batchMass * seconds / time, Self.fullCharge - melt.mass))
        }
        if phase == .cast, let time = phase.duration {
            melt.pour(batchMass * seconds / time, downTo: Self.heel)
        }
        let tundishTarget = phase == .cast ? Self.castingTundish : FurnaceMelt.ambient
        tundish += (tundishTarget - tundish) * min(1, seconds / (phase == .cast ? Self.tundishLag : Self.wallLag))
        wheel = phase == .cast ? Self.castingWheelSpeed : 0
    }

    private mutating func measure(for seconds: Double) {
        let surface = melt.temperature + excursion.kelvin
        sensors.pyrometer.follow(surface, for: seconds, noise: &noise)
        sensors.witness.follow(surface, for: seconds, noise: &noise)
        sensors.wall.follow(wall, for: seconds, noise: &noise)
        sensors.tundish.follow(tundish, for: seconds, noise: &noise)
        sensors.power.follow(power, for: seconds, noise: &noise)
        sensors.wheel.follow(wheel, for: seconds, noise: &noise)
        if sensors.pyrometer.reading >= Self.tripTemperature { isOverTemperatureTripped = true }
    }

    // MARK: Reading

    public subscript(name: String) -> Double? {
        switch name {
        case "phase": Double(phase.rawValue)
        case "phase_elapsed": phaseElapsed.rounded(.down)
        case "batch_seq": Double(batch)
        case "melt_temp": sensors.pyrometer.reading
        case "melt_temp_2": sensors.witness.reading
        case "wall_temp": sensors.wall.reading
        case "tundish_temp": sensors.tundish.reading
        case "power": max(0, sensors.power.reading / 1000)
        case "energy": energy
        case "wheel_speed": max(0, sensors.wheel.reading)
        case "trip_over_temperature": isOverTemperatureTripped ? 1 : 0
        // A furnace shares its register map with the cells, and has nothing in these.
        case "cell_current", "cell_voltage", "ampere_hours", "oxide_feed", "offgas_co", "tap_weight": 0
        default: atmosphere[name] ?? water[name] ?? assay[name]
        }
    }
}
