public import Plant

/// How a plant is simulated.
public struct SimulationOptions: Sendable {
    /// The longest step in seconds: a fifth of the shortest time constant that is stepped explicitly (the temperature
    /// control over an emptied crucible, 5 s), which keeps the physics stable.
    public static let longestStep = 1.0
    public static let shortestStep = 0.01
    /// Simulated seconds a second; a cell's day passes in two and a half minutes at the fastest.
    public static let speeds = 0.01...600.0

    /// Everything random comes from it.
    public var seed: UInt64
    /// Simulated seconds that pass in a second.
    public var speed: Double
    public var script: FaultScript
    /// The fixed step of the physics, in simulated seconds.
    public var stepSeconds: Double
    /// Where the first heat of each furnace stands; `nil` spreads them, the first in the middle of its soak.
    public var startPhase: FurnacePhase?
    /// Where an endpoint of the plant is served: somewhere else than the plant says, for tests. Port 0 lets the kernel
    /// choose; see `Simulator.endpoint(of:)`.
    public var endpoint: @Sendable (Endpoint) -> Endpoint

    public init(
        seed: UInt64 = 1, speed: Double = 1, script: FaultScript = FaultScript(), stepSeconds: Double = 0.1,
        startPhase: FurnacePhase? = nil, endpoint: @escaping @Sendable (Endpoint) -> Endpoint = { $0 }
    ) {
        self.seed = seed
        self.speed = speed
        self.script = script
        self.stepSeconds = stepSeconds
        self.startPhase = startPhase
        self.endpoint = endpoint
    }

    /// Where the n-th furnace starts: each where something different is to be seen.
    func startPhase(ofFurnace index: Int) -> FurnacePhase {
        let spread: [FurnacePhase] = [.soak, .heat, .cast, .melt, .cool]
        return startPhase ?? spread[index % spread.count]
    }
}
