import Modbus
import Plant
import Ring
import Synchronization

@testable import Acquisition

/// A clock that a test moves. UTC runs a thousand seconds ahead of it.
final class ManualClock: PlantClock {
    static let wallOffset: Int64 = 1_000_000_000_000
    /// Told at each step that has reached `end`.
    let interrupter = Interrupter()
    private let now = Atomic<Int64>(10_000_000_000)
    private let end = Atomic(Int64.max)

    func monotonic() -> Int64 { now.load(ordering: .relaxed) }
    func wall() -> Int64 { monotonic() + ManualClock.wallOffset }

    func advance(_ nanoseconds: Int64) {
        now.wrappingAdd(nanoseconds, ordering: .relaxed)
        if monotonic() >= end.load(ordering: .relaxed) { interrupter.interrupt() }
    }

    func end(at time: Int64) { end.store(time, ordering: .relaxed) }
}

/// Plays a line's whole life on the test's own thread: time is a number that sleeps and replies add to, and the link
/// does what the test says. Nothing waits, so a day takes a moment and always goes the same way.
final class Rehearsal {
    /// What the link did when it was asked.
    enum Event: Equatable {
        case connect(at: Int64)
        case read(unit: UInt8, start: Int, at: Int64)
    }

    /// Milliseconds the reply takes, and what it is; `nil` is the proper one from `memory`.
    struct Reply {
        var milliseconds: Int64 = 2
        var error: ModbusError?
    }

    /// A request as it left, and to whom; times are nanoseconds since the start.
    struct Asked: Equatable {
        let request: ReadRequest
        let endpoint: Endpoint
        let at: Int64
        var replied: Int64 = 0

        var range: Range<Int> { Int(request.range.start)..<request.range.end }
    }

    let clock = ManualClock()
    let start: Int64
    let reader: BlockReader
    let link = Link()
    let notices = Notices()
    /// What the line said it learned.
    let lessons = Lessons()
    let inbox = LineInbox()
    /// What the watch must hear of at once, by group and block as they are now.
    let urgency: (_ group: Int, _ block: Int) -> Urgency
    private let board: LineBoard
    private let play: (Int64) -> Void

    /// What the link answers. Used from the rehearsal's thread alone.
    final class Link: @unchecked Sendable {
        var connect: (Int64) -> Reply = { _ in Reply(milliseconds: 1) }
        var read: (ReadRequest, Int64) -> Reply = { _, _ in Reply() }
        var memory: (_ unit: UInt8, _ address: Int, _ at: Int64) -> UInt16 = { _, address, _ in UInt16(address) }
        /// The same as `connect` and `read` for a line with several endpoints.
        var connectTo: ((Endpoint, Int64) -> Reply)?
        var readFrom: ((Endpoint, ReadRequest, Int64) -> Reply)?
        /// Frames that come with each reply and answer nothing.
        var strays = 0
        /// Called before the line sleeps.
        var idle: (Int64) -> Void = { _ in }
        var events: [Event] = []
        var asked: [Asked] = []
        /// Every connection that was tried, and in nanoseconds since the start when it stood or had failed.
        var dialled: [(endpoint: Endpoint, at: Int64, done: Int64)] = []

        /// Requests between two times in milliseconds.
        func requests(_ unit: UInt8? = nil, from: Int64 = 0, to: Int64 = .max) -> [Asked] {
            asked.filter {
                (unit == nil || $0.request.unit == unit) && $0.at / 1_000_000 >= from && $0.at / 1_000_000 < to
            }
        }

        func reads(_ unit: UInt8? = nil) -> [Int64] {
            events.compactMap {
                if case .read(let asked, _, let at) = $0, unit == nil || asked == unit { at } else { nil }
            }
        }

        var connects: [Int64] { events.compactMap { if case .connect(let at) = $0 { at } else { nil } } }
    }

    final class Notices: @unchecked Sendable {
        var all: [LineNotice] = []
    }

    final class Lessons: @unchecked Sendable {
        var all: [LearnedLimits] = []
    }

    private struct Double: RegisterTransport, ~Copyable {
        let link: Link
        let clock: ManualClock
        let start: Int64
        var isConnected = false
        var strays = 0
        private var endpoint = Endpoint(host: "", port: 0)

        init(link: Link, clock: ManualClock, start: Int64) {
            (self.link, self.clock, self.start) = (link, clock, start)
        }

        private var elapsed: Int64 { clock.monotonic() - start }
        private var now: Int64 { elapsed / 1_000_000 }

        mutating func connect(to endpoint: Endpoint, timeout: Duration) throws(ModbusError) {
            link.events.append(.connect(at: now))
            let begun = elapsed
            let reply = link.connectTo?(endpoint, now) ?? link.connect(now)
            clock.advance(reply.milliseconds * 1_000_000)
            link.dialled.append((endpoint, begun, elapsed))
            if let error = reply.error { throw error }
            isConnected = true
            self.endpoint = endpoint
        }

        mutating func read(
            _ request: ReadRequest, timeout: Duration, into payload: UnsafeMutableBufferPointer<UInt8>
        ) throws(ModbusError) -> Int {
            link.events.append(.read(unit: request.unit, start: Int(request.range.start), at: now))
            link.asked.append(Asked(request: request, endpoint: endpoint, at: elapsed))
            let place = link.asked.count - 1
            let reply = link.readFrom?(endpoint, request, now) ?? link.read(request, now)
            clock.advance(reply.milliseconds * 1_000_000)
            link.asked[place].replied = elapsed
            strays += link.strays
            if let error = reply.error {
                isConnected = isConnected && error.keepsConnection
                throw error
            }
            if request.range.table.isBits {
                for byte in 0..<request.payloadBytes { payload[byte] = 0 }
                for bit in 0..<request.range.count
                where link.memory(request.unit, Int(request.range.start) + bit, now) & 1 == 1 {
                    payload[bit >> 3] |= 1 << UInt8(bit & 7)
                }
                return request.payloadBytes
            }
            for index in 0..<request.range.count {
                let word = link.memory(request.unit, Int(request.range.start) + index, now)
                payload[index * 2] = UInt8(word >> 8)
                payload[index * 2 + 1] = UInt8(word & 0xFF)
            }
            return request.payloadBytes
        }

        mutating func close() { isConnected = false }
    }

    /// A line with all controllers of the plant, which must share one endpoint.
    init(
        _ plant: Plant, seed: UInt64 = 1, ringCells: Int = 1 << 16, firstSequence: [ScanGroup.ID: UInt64] = [:],
        learned: [Controller.ID: LearnedLimits] = [:]
    ) {
        let clock = self.clock
        let link = self.link
        let notices = self.notices
        let start = clock.monotonic()
        self.start = start
        let plan = ScanPlan(plant: plant).lines[0]
        let ring = Ring<Cell>(capacity: ringCells)
        let board = LineBoard(plan: plan, plant: plant, storage: ring.producer.storage, now: start)
        self.board = board
        reader = BlockReader(ring.consumer)
        let groups = LineGroup.all(of: plan, plant, firstSequence: firstSequence)
        let diagnoses = Diagnosis.all(of: plan, plant, firstSequence: firstSequence, now: start)
        let publisher = BlockPublisher(
            producer: ring.producer, doorbell: Doorbell(),
            capacity: LineGroup.cells(of: groups, diagnostics: diagnoses))
        let lessons = self.lessons
        let loop = LineLoop(
            plan: plan, plant: plant, groups: groups, diagnoses: diagnoses, publisher: publisher, clock: clock,
            pause: { nanoseconds in
                link.idle((clock.monotonic() - start) / 1_000_000)
                clock.advance(nanoseconds)
            }, seed: seed, learned: learned, learn: { lessons.all.append($1) }, log: { notices.all.append($0) },
            interrupter: clock.interrupter, board: board, inbox: inbox,
            transport: { Double(link: link, clock: clock, start: start) })
        urgency = { loop.groups[$0].blocks[$1].urgency }
        play = { milliseconds in
            clock.end(at: start + milliseconds * 1_000_000)
            loop.run()
        }
    }

    /// Runs until so many milliseconds have passed. Once only: a stopped line does not start again.
    func run(milliseconds: Int64) { play(milliseconds) }

    var status: LineStatus { board.status(at: clock.monotonic()) }
    var blocks: [SeenBlock] { reader.blocks() }
    var lastTurn: Int64 { board.lastTurn }
    /// A block's reply time in milliseconds since the start.
    func time(_ block: SeenBlock) -> Int64 { (block.header.replied - start) / 1_000_000 }
}
