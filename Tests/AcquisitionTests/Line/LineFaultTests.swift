import Modbus
import Plant
import Ring
import TestSupport
import Testing

@testable import Acquisition

/// What holds of a line on real sockets whatever the device at the other end does.
@Suite struct LineFaultTests {
    private static let timeout: Duration = .milliseconds(150)

    private static func plant(
        _ device: FaultyDevice, _ kind: HurriedLine.Transport,
        periods: [String: Duration] = ["fast": .milliseconds(500), "normal": .seconds(1)]
    ) -> Plant {
        let rows = [0, 2, 4, 6, 8, 60, 62, 100].map { address in
            SamplePlant.Row(
                name: "r\(address)", registers: SamplePlant.range(.holding, address, 2), type: .uint32,
                invalid: [Double(FaultyDevice.sentinel)], scan: address == 100 ? "fast" : "normal")
        }
        let pacing = kind == .socket ? Pacing(maxInFlight: 4) : Pacing()
        return SamplePlant.plant(
            (1...2).map {
                .init(
                    name: "U\($0)", endpoint: device.server.endpoint, unit: UInt8($0), timeout: timeout, pacing: pacing,
                    rows: rows)
            }, periods: periods)
    }

    /// Any faults in any order: what is stored as good is what the device held between request and reply, and after
    /// the last fault everything is good again within the back-off.
    @Test(arguments: HurriedLine.Transport.allCases, 0..<6 as Range<UInt64>)
    func whateverTheDeviceDoesWhatIsGoodIsTrueAndItComesBack(kind: HurriedLine.Transport, seed: UInt64) async throws {
        let clock = SkippingClock()
        // A device that takes one client only never notices that a half-open one is gone, nor one whose reply it holds.
        let takesOne = seed % 3 == 0
        let faults = FaultSchedule.Fault.allCases.filter { !takesOne || $0 != .halfOpen && $0 != .late }
        let device = try FaultyDevice(FaultSchedule(seed: seed, count: 24, of: faults), clock: clock)
        defer { device.server.stop() }
        if takesOne { device.server.admit(atOnce: 1) }
        let plant = Self.plant(device, kind)
        let begun = clock.monotonic()
        let line = HurriedLine(plant, clock: clock, seed: seed, kind) { reader in
            Self.healed(reader.blocks(), plant, device) != nil
        }
        await line.run()
        let blocks = line.reader.blocks()
        check(blocks, plant, device)
        let healed = Self.healed(blocks, plant, device)
        let last = device.server.requests.first { $0.number >= device.schedule.end }
        guard let healed, let last else {
            Issue.record("it never came back; \(device.schedule)")
            return
        }
        // A unit is left alone for five minutes at most; what was quarantined, for twice as long as the faults lasted.
        let bound = 300 + 2 * max(60, (last.time - begun) / 1_000_000_000) + 60
        #expect((healed - last.time) / 1_000_000_000 <= bound, "\(device.schedule)")
    }

    /// Each fault alone, again and again.
    @Test(arguments: HurriedLine.Transport.allCases, FaultSchedule.Fault.allCases)
    func noFaultMakesAWrongValueGoodAndEachIsOverWhenItIsOver(
        kind: HurriedLine.Transport, fault: FaultSchedule.Fault
    ) async throws {
        let clock = SkippingClock()
        let device = try FaultyDevice(FaultSchedule(seed: 99, count: 4, of: [fault]), clock: clock)
        defer { device.server.stop() }
        let plant = Self.plant(device, kind)
        let line = HurriedLine(plant, clock: clock, seed: 1, kind) { reader in
            Self.healed(reader.blocks(), plant, device) != nil
        }
        await line.run()
        check(line.reader.blocks(), plant, device)
        #expect(Self.healed(line.reader.blocks(), plant, device) != nil, "\(device.schedule)")
    }

    /// The line's own thread, in its own time, with the transport that it chooses itself.
    @Test(arguments: HurriedLine.Transport.allCases)
    func aLinesOwnThreadComesBackAsWell(kind: HurriedLine.Transport) async throws {
        let faults: [FaultSchedule.Fault] = [.stray, .cut, .short, .anotherUnit, .trailing, .reset]
        let device = try FaultyDevice(FaultSchedule(seed: 5, count: 3, of: faults), clock: SystemClock())
        defer { device.server.stop() }
        let plant = Self.plant(device, kind, periods: ["fast": .milliseconds(20), "normal": .milliseconds(50)])
        let ring = Ring<Cell>(capacity: 1 << 16)
        let reader = BlockReader(ring.consumer)
        let line = Line(
            plan: ScanPlan(plant: plant).lines[0], plant: plant, firstSequence: [:], producer: ring.producer,
            doorbell: Doorbell(), seed: 3, log: { _ in })
        try line.start()
        _ = try await reader.first { _ in Self.healed(reader.blocks(), plant, device) != nil }
        line.stop()
        line.join()
        check(reader.blocks(), plant, device)
        #expect(line.status.fault == nil && line.status.controllers.allSatisfy { $0.fault == nil })
        #expect(line.frames.exchanges().count > 4)
    }

    /// When the last group was read whole and good after the last fault; `nil` when one was not.
    private static func healed(_ blocks: [SeenBlock], _ plant: Plant, _ device: FaultyDevice) -> Int64? {
        guard let last = device.server.requests.first(where: { $0.number >= device.schedule.end }) else { return nil }
        var good: [UInt32: [UInt64: (count: Int, at: Int64)]] = [:]
        for block in blocks where block.header.sent > last.time && !block.readings.isEmpty {
            guard block.readings.allSatisfy({ $0.quality == .good }) else { continue }
            let before = good[block.header.group]?[block.header.sequence]?.count ?? 0
            good[block.header.group, default: [:]][block.header.sequence] = (before + 1, block.header.replied)
        }
        let blocksOf = Dictionary(
            blocks.map { ($0.header.group, Int($0.header.blocks)) }, uniquingKeysWith: { max($0, $1) })
        let times = plant.groups.map { group -> Int64? in
            let own = good[UInt32(group.id)] ?? [:]
            return own.values.filter { $0.count == blocksOf[UInt32(group.id)] }.map(\.at).min()
        }
        return times.contains { $0 == nil } ? nil : times.compactMap(\.self).max()
    }

    /// Every good reading is of its tag, and was held between its request and its reply.
    private func check(_ blocks: [SeenBlock], _ plant: Plant, _ device: FaultyDevice) {
        #expect(device.server.requests.allSatisfy { $0.function == 3 }, "nothing but reads ever leaves")
        // The number has 16 bits: on a busy machine there are more requests than numbers.
        let transactions = device.server.requests.prefix(1 << 16).map { $0.bytes[0..<2] }
        #expect(Set(transactions).count == transactions.count, "no request is ever sent again; \(device.schedule)")
        var times: [Int: [Int64]] = [:]
        for request in device.server.requests {
            times[device.schedule.age(at: request.number), default: []].append(request.time)
        }
        for block in blocks {
            let group = plant.groups[Int(block.header.group)]
            for reading in block.readings where !reading.quality.isBad {
                let tag = plant.tags[group.tags[Int(reading.slot)]]
                let unit = plant.controllers[group.controller].unit
                let address = Int(tag.registers?.start ?? 0)
                guard let age = FaultyDevice.age(of: UInt32(truncatingIfNeeded: reading.bits), unit, address) else {
                    Issue.record("\(tag.name) has \(reading.bits), which is not its own; \(device.schedule)")
                    continue
                }
                let held = times[age] ?? []
                #expect(
                    held.contains { $0 >= block.header.sent && $0 <= block.header.replied },
                    "\(tag.name) was not held then; \(device.schedule)")
            }
            for reading in block.readings where reading.quality.isBad { #expect(reading.bits == 0) }
        }
        #expect(blocks.flatMap(\.readings).filter { $0.quality == .good }.count > 20, "\(device.schedule)")
    }
}
