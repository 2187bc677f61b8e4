/// A molten-salt cell that wins neodymium from its oxide at constant current.
///
/// Continuous: what is tapped every three hours is one batch. Without oxide the anode effect comes: a gas film covers
/// the anode, the voltage runs to the rectifier's limit and the current collapses.
public struct CellModel: ProcessModel {
    /// J/K, W/K and degC of the bath.
    static let heatCapacity = 0.85e6
    static let loss = 19.4
    static let ambient = 25.0
    /// Volts the metal takes out of the bath as chemical energy.
    static let reductionVoltage = 1.8
    /// The current the cell is run at, A.
    public static let nominalCurrent = 4010.0
    /// U = `backVoltage` + `resistance` x I + `filmVoltage` x film.
    static let backVoltage = 1.622
    static let resistance = 1.167e-3
    static let filmVoltage = 18.0
    /// The rectifier's voltage limit, V, and what still arcs through a complete film, A.
    public static let voltageLimit = 15.0
    static let residualCurrent = 120.0
    /// kg of metal per hour and ampere at full efficiency (Faraday, Nd), and kg of oxide for each of them.
    static let faraday = 1.794e-3
    static let oxidePerMetal = 1.1664
    /// kg.
    static let bathMass = 400.0
    public static let targetOxide = 10.0
    /// kg/h: what a steady cell consumes, what the feeder can do, and its answer to a kilogram too few.
    static let steadyFeed = 6.29
    static let feederLimit = 20.0
    static let feederGain = 2.0
    /// The film comes when the current is above 1.6 x nominal x min(1, wt% oxide / 2).
    static let criticalFactor = 1.6
    static let saturatedOxide = 2.0
    static let filmTime = 20.0
    /// Seconds between taps.
    static let tapInterval = 10_800.0
    static let moltenPhase = 60.0
    static let gasLag = 20.0

    public var disturbances = Disturbances()

    /// degC, kg, A, V; film 0...1 is the covered part of the anode.
    public private(set) var temperature: Double
    public private(set) var oxide: Double
    public private(set) var current: Double
    public private(set) var voltage: Double
    public private(set) var film = 0.0
    /// kg/h.
    public private(set) var feed: Double
    /// kg since the last tap, and all of it since the start.
    public private(set) var metal: Double
    public private(set) var metalWon = 0.0
    public private(set) var oxideFed = 0.0
    public private(set) var ampereHours: Double
    /// kWh.
    public private(set) var energy: Double
    public private(set) var water: CoolingWater
    private var taps = 318
    private var sinceTap: Double
    private var lastTap = 15.8
    private var gas: Double
    private var assay: Assay
    private var excursion = Excursion()
    private var sensors: Sensors
    private var noise: Noise

    private struct Sensors {
        var bath, second, wall, current, voltage, feed, gas: Sensor
    }

    public init(noise: Noise) {
        self.noise = noise
        temperature = 1049
        oxide = Self.targetOxide
        current = Self.nominalCurrent
        voltage = Self.backVoltage + Self.resistance * Self.nominalCurrent
        feed = Self.steadyFeed
        sinceTap = Self.tapInterval / 2
        metal = 8.1
        ampereHours = 1_203_000
        energy = 7_581
        gas = 350
        water = CoolingWater(nominalFlow: 30, tripFlow: 18, inlet: 28, heat: Self.loss * (1049 - Self.ambient))
        assay = Assay(typical: .init(iron: 900, carbon: 180, oxygen: 220, calcium: 40, others: 500), sample: taps - 1)
        sensors = Sensors(
            bath: Sensor(at: temperature, timeConstant: 90, noise: 0.5),
            second: Sensor(at: temperature, timeConstant: 110, noise: 0.5),
            wall: Sensor(at: 420, timeConstant: 60, noise: 0.4),
            current: Sensor(at: current, timeConstant: 0.3, noise: 6),
            voltage: Sensor(at: voltage, timeConstant: 0.3, noise: 0.02),
            feed: Sensor(at: feed, timeConstant: 30, noise: 0.03),
            gas: Sensor(at: gas, timeConstant: 5, noise: 6))
    }

    /// wt% in the bath.
    public var oxideShare: Double { oxide / Self.bathMass * 100 }

    /// The part of the current that makes metal.
    public var efficiency: Double { max(0, 0.75 - 0.0012 * abs(temperature - 1050) - 0.6 * film) }

    // MARK: Stepping

    public mutating func advance(by seconds: Double) {
        let hours = seconds / 3600
        drive(for: seconds)
        let won = current * efficiency * Self.faraday * hours
        feedOxide(hours: hours, won: won)
        metal += won
        metalWon += won
        ampereHours += current * hours
        energy += current * voltage / 1000 * hours
        let chemical = current * efficiency * Self.reductionVoltage
        let intoWater = Self.loss * (temperature - Self.ambient)
        temperature += (current * voltage - chemical - intoWater) / Self.heatCapacity * seconds
        excursion.advance(by: seconds, toward: disturbances.overTemperature)
        water.advance(by: seconds, heat: intoWater, lost: disturbances.waterLost, noise: &noise)
        // The carbon of the anode goes off with the oxygen of the oxide; under a film it burns at the surface instead.
        let gasTarget = 350 * current / Self.nominalCurrent + 250 * film
        gas += (gasTarget - gas) * min(1, seconds / Self.gasLag)
        tap(after: seconds)
        assay.advance(by: seconds, noise: &noise)
        measure(for: seconds)
    }

    private mutating func drive(for seconds: Double) {
        let setpoint = water.isTripped ? 0 : Self.nominalCurrent
        // Judged by the setpoint, not by the collapsed current, which would let the film go and come for ever.
        let isCritical =
            setpoint > Self.criticalFactor * Self.nominalCurrent * min(1, oxideShare / Self.saturatedOxide)
        film += ((isCritical ? 1 : 0) - film) * min(1, seconds / Self.filmTime)
        let wanted = Self.backVoltage + Self.resistance * setpoint + Self.filmVoltage * film
        if wanted <= Self.voltageLimit || setpoint == 0 {
            (current, voltage) = (setpoint, min(wanted, Self.voltageLimit))
        } else {
            let left = (Self.voltageLimit - Self.backVoltage - Self.filmVoltage * film) / Self.resistance
            (current, voltage) = (max(Self.residualCurrent, left), Self.voltageLimit)
        }
    }

    private mutating func feedOxide(hours: Double, won: Double) {
        let wanted = Self.steadyFeed + Self.feederGain * (Self.targetOxide - oxide)
        feed = disturbances.feedStopped ? 0 : min(Self.feederLimit, max(0, wanted))
        oxideFed += feed * hours
        oxide = max(0, oxide + feed * hours - Self.oxidePerMetal * won)
    }

    private mutating func tap(after seconds: Double) {
        sinceTap += seconds
        guard sinceTap >= Self.tapInterval else { return }
        sinceTap = 0
        lastTap = metal
        metal = 0
        assay.take(sample: taps)
        taps += 1
    }

    private mutating func measure(for seconds: Double) {
        let bath = temperature + excursion.kelvin
        sensors.bath.follow(bath, for: seconds, noise: &noise)
        sensors.second.follow(bath, for: seconds, noise: &noise)
        sensors.wall.follow(420 + 0.4 * (temperature - 1049), for: seconds, noise: &noise)
        sensors.current.follow(current, for: seconds, noise: &noise)
        sensors.voltage.follow(voltage, for: seconds, noise: &noise)
        sensors.feed.follow(feed, for: seconds, noise: &noise)
        sensors.gas.follow(gas, for: seconds, noise: &noise)
    }

    // MARK: Reading

    public subscript(name: String) -> Double? {
        switch name {
        case "melt_temp", "bath_temp": sensors.bath.reading
        case "melt_temp_2", "bath_temp_2": sensors.second.reading
        case "wall_temp": sensors.wall.reading
        case "cell_current": max(0, sensors.current.reading)
        case "cell_voltage": max(0, sensors.voltage.reading)
        case "ampere_hours": ampereHours.rounded(.down)
        case "power": max(0, sensors.current.reading * sensors.voltage.reading / 1000)
        case "energy": energy
        case "oxide_feed": max(0, sensors.feed.reading)
        case "offgas_co": max(0, sensors.gas.reading)
        case "tap_weight": lastTap
        case "batch_seq": Double(taps)
        case "phase": Self.moltenPhase
        case "phase_elapsed": sinceTap.rounded(.down)
        case "trip_over_temperature": 0
        // A cell works open to the hood, and shares its register map with furnaces.
        case "chamber_pressure": 101_325
        case "argon_o2", "argon_dew_point", "wheel_speed", "permit_vacuum": 0
        case "tundish_temp": Self.ambient
        default: water[name] ?? assay[name]
        }
    }
}
