/// One cooling-water loop with its flow switch: flow, inlet, outlet, and a trip that latches.
public struct CoolingWater: Hashable, Sendable {
    /// Seconds to lose the whole flow, and to get it back.
    static let lossTime = 2.0
    /// Seconds of restored flow after which the trip is reset, as an operator would after a look at the hoses.
    static let resetAfter = 60.0
    /// Outlet lag in seconds.
    static let outletLag = 20.0
    /// J/(kg K); a litre is taken as a kilogram.
    static let heatCapacity = 4186.0
    /// Water in a stopped loop boils off rather than getting hotter.
    static let boiling = 105.0

    /// Litres per minute.
    public let nominalFlow: Double
    public let tripFlow: Double
    /// degC.
    public let inlet: Double

    public private(set) var flow: Double
    public private(set) var outlet: Double
    public private(set) var isTripped = false
    private var restored = 0.0
    private var flowMeter: Sensor
    private var inletSensor: Sensor
    private var outletSensor: Sensor

    public init(nominalFlow: Double, tripFlow: Double, inlet: Double, heat: Double) {
        self.nominalFlow = nominalFlow
        self.tripFlow = tripFlow
        self.inlet = inlet
        flow = nominalFlow
        outlet = Self.steadyOutlet(inlet: inlet, heat: heat, flow: nominalFlow)
        flowMeter = Sensor(at: flow, timeConstant: 0, noise: nominalFlow * 0.005)
        inletSensor = Sensor(at: inlet, timeConstant: 5, noise: 0.05)
        outletSensor = Sensor(at: outlet, timeConstant: 5, noise: 0.05)
    }

    static func steadyOutlet(inlet: Double, heat: Double, flow: Double) -> Double {
        let kilogramsPerSecond = flow / 60
        guard kilogramsPerSecond > 0 else { return heat > 0 ? boiling : inlet }
        return min(boiling, inlet + heat / (kilogramsPerSecond * heatCapacity))
    }

    /// - Parameter heat: watts that go into the water.
    mutating func advance(by seconds: Double, heat: Double, lost: Bool, noise: inout Noise) {
        let step = nominalFlow / Self.lossTime * seconds
        flow = lost ? max(0, flow - step) : min(nominalFlow, flow + step)
        let target = Self.steadyOutlet(inlet: inlet, heat: heat, flow: flow)
        outlet += (target - outlet) * min(1, seconds / Self.outletLag)
        if flow < tripFlow {
            isTripped = true
            restored = 0
        } else if isTripped {
            restored += seconds
            isTripped = restored < Self.resetAfter
        }
        flowMeter.follow(flow, for: seconds, noise: &noise)
        inletSensor.follow(inlet, for: seconds, noise: &noise)
        outletSensor.follow(outlet, for: seconds, noise: &noise)
    }

    subscript(name: String) -> Double? {
        switch name {
        case "water_flow": max(0, flowMeter.reading)
        case "water_in": inletSensor.reading
        case "water_out": outletSensor.reading
        case "permit_water": flow >= tripFlow && !isTripped ? 1 : 0
        case "trip_water_flow": isTripped ? 1 : 0
        default: nil
        }
    }
}
