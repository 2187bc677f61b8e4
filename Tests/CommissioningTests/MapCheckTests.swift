import Acquisition
import Modbus
import Plant
import Synchronization
import TestSupport
import Testing

@testable import Commissioning
import struct Plant.Tag

@Suite struct MapCheckTests {
    /// A tag of the plants below: its name, place and type.
    struct Place: Sendable {
        var name: String
        var start: Int
        var type = ValueType.uint16
        var table = RegisterTable.holding
        var range: ClosedRange<Double>?
        var states: [Int: String] = [:]
    }

    private func plant(_ endpoint: Endpoint, _ places: [Place], maxGap: Int = 0) -> Plant {
        let tags = places.enumerated().map { index, place in
            Tag(
                id: index, name: "X.\(place.name)", localName: place.name, controller: 0,
                registers: RegisterRange(table: place.table, start: place.start, count: place.type.registers),
                type: place.type, range: place.range, states: place.states, group: 0, slot: index)
        }
        return Plant(
            name: "Test", site: "T", timeZone: "UTC",
            controllers: [Controller(id: 0, name: "X", endpoint: endpoint, unit: 1, maxGap: maxGap)],
            groups: [
                ScanGroup(
                    id: 0, controller: 0, scan: "fast", name: "X/fast", period: .seconds(1), tags: tags.map(\.id))
            ], tags: tags)
    }

    private func check(_ server: ScriptedServer, _ places: [Place], maxGap: Int = 0) -> MapCheck {
        let plant = plant(server.endpoint, places, maxGap: maxGap)
        var inquiry = Rig.inquiry(server.endpoint)
        let check = MapCheck(0, of: plant, plan: ScanPlan(plant: plant), through: &inquiry)
        #expect(server.wasOnlyRead)
        return check
    }

    @Test func aMapThatReadsTheSameAloneAndInItsBlockIsOk() throws {
        let server = try ScriptedServer()
        defer { server.stop() }
        let found = check(
            server,
            [
                Place(name: "a", start: 0), Place(name: "b", start: 1, type: .uint32),
                Place(name: "c", start: 3, type: .string(registers: 2)),
                Place(name: "d", start: 7, type: .bool, table: .coil),
            ])
        #expect(found.isOk)
        #expect(found.findings.map(\.verdict) == [.ok, .ok, .ok, .ok])
        #expect(found.findings.allSatisfy { $0.looks == 2 })
        // Every tag alone and twice, and a block a table.
        #expect(server.requests.count == 4 * 2 + 2)
        #expect(server.connections == 1)
    }

    /// An instrument that fills a bridged gap wrongly and so shifts what stands behind it.
    @Test func aValueThatTheBlockShiftsDiffers() throws {
        let server = try ScriptedServer(script: { request in
            guard request.count > 2 else { return .proper }
            return .changed { reply in
                var reply = reply
                reply[reply.count - 1] &+= 9
                return reply
            }
        })
        defer { server.stop() }
        let found = check(server, [Place(name: "a", start: 0), Place(name: "b", start: 5)], maxGap: 8)
        #expect(found.findings.map(\.verdict) == [.ok, .differs])
        #expect(found.findings.last?.looks == MapCheck.looks)
        #expect(!found.isOk)
    }

    @Test func aValueThatMovesIsTheSame() throws {
        let count = Mutex<UInt16>(0)
        let server = try ScriptedServer(memory: { _, _, _ in
            count.withLock { count in
                count += 3
                return count
            }
        })
        defer { server.stop() }
        let found = check(server, (0..<5).map { Place(name: "t\($0)", start: $0) })
        #expect(found.findings.map(\.verdict) == Array(repeating: .ok, count: 5))
    }

    /// Noise: the first reading in the block lies outside the first two alone, as two of three do by chance.
    @Test func aValueThatIsNoisyIsLookedAtAgain() throws {
        let values: [UInt16] = [10, 14, 11, 12, 13]
        let server = try ScriptedServer()
        defer { server.stop() }
        let number = Mutex(0)
        server.remember { _, _, _ in
            number.withLock { number in
                defer { number += 1 }
                return values[min(number, values.count - 1)]
            }
        }
        let found = check(server, [Place(name: "a", start: 0)])
        #expect(found.findings.map(\.verdict) == [.ok])
        #expect(found.findings.first?.looks == 3)
    }

    @Test func aTagThatIsRefusedAloneIsNamedWithItsException() throws {
        let device = Device(addresses: [0, 1])
        let server = try ScriptedServer(script: device.answer)
        defer { server.stop() }
        let found = check(server, [Place(name: "a", start: 0), Place(name: "b", start: 9)])
        #expect(found.findings.map(\.verdict) == [.ok, .failsAlone(.exception(2))])
        #expect(found.ending == .complete)
    }

    @Test func aBlockThatIsRefusedIsToldFromATagThatIs() throws {
        let server = try ScriptedServer(script: Device(addresses: Set(0..<10), limit: 2).answer)
        defer { server.stop() }
        let found = check(server, (0..<4).map { Place(name: "t\($0)", start: $0) })
        #expect(found.findings.map(\.verdict) == Array(repeating: .failsInBlock(.exception(3)), count: 4))
    }

    @Test func aValueThatIsBadBothWaysIsBadWithItsCause() throws {
        let server = try ScriptedServer()
        defer { server.stop() }
        let found = check(server, [Place(name: "a", start: 700, range: 0...100), Place(name: "b", start: 50)])
        #expect(found.findings.map(\.verdict) == [.ok, .bad(.outOfRange)])
        #expect(!found.isOk)
    }

    @Test func aControllerThatNeverAnswersIsGivenUp() throws {
        let server = try ScriptedServer(script: { _ in .silence })
        defer { server.stop() }
        let found = check(server, (0..<10).map { Place(name: "t\($0)", start: $0) })
        #expect(found.ending == .lost(.timeout))
        #expect(server.requests.count == MapCheck.silences * Inquiry.patience)
    }

    /// Text and states have nothing between two of their values.
    @Test(arguments: [
        Place(name: "serial", start: 0, type: .string(registers: 1)),
        Place(name: "phase", start: 0, states: [1: "idle"]),
    ])
    func discreteValuesMustBeEqual(place: Place) throws {
        let count = Mutex<UInt16>(0x4141)
        let server = try ScriptedServer(memory: { _, _, _ in
            count.withLock { count in
                count += 1
                return count
            }
        })
        defer { server.stop() }
        let found = check(server, [place])
        #expect(found.findings.map(\.verdict) == [.differs])
    }
}
