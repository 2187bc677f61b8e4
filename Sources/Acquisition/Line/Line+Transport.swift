import Modbus
public import Plant
public import Ring

extension Line {
    /// A line on libmodbus, or on our own framing where libmodbus cannot serve: for a controller that takes several
    /// requests at once, and for plants with more lines than libmodbus can have connections.
    public convenience init(
        plan: LinePlan, plant: Plant, firstSequence: [ScanGroup.ID: UInt64], producer: consuming RingProducer<Cell>,
        doorbell: Doorbell, clock: any PlantClock = SystemClock(), seed: UInt64,
        learned: [Controller.ID: LearnedLimits] = [:],
        learn: @escaping @Sendable (Controller.ID, LearnedLimits) -> Void = { _, _ in },
        log: @escaping @Sendable (LineNotice) -> Void
    ) {
        let isPipelined = plan.controllers.contains { plant.controllers[$0].pacing.maxInFlight > 1 }
        if isPipelined || Set(plant.controllers.map(\.endpoints)).count > LibmodbusTransport.connectionsMax {
            self.init(
                plan: plan, plant: plant, firstSequence: firstSequence, producer: producer, doorbell: doorbell,
                clock: clock, seed: seed, learned: learned, learn: learn, log: log,
                transport: { SocketTransport(interrupter: $0, frames: $1) })
        } else {
            self.init(
                plan: plan, plant: plant, firstSequence: firstSequence, producer: producer, doorbell: doorbell,
                clock: clock, seed: seed, learned: learned, learn: learn, log: log,
                transport: { LibmodbusTransport(interrupter: $0, frames: $1) })
        }
    }
}
