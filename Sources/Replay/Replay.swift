public import Archive
public import Detection
public import Plant

/// Runs the alarms of a plant over recorded scans.
///
/// It feeds the same `AlarmBoard` as the daemon's watch does, in the same order, so that with the daemon's own
/// configuration it gives the daemon's own events. What happened beside the scans comes between them: after every scan
/// that was complete by then, as the watch saw it.
public struct Replay: Sendable {
    public let plant: Plant
    /// The tags that some alarm looks at: what a source must bring.
    public let tags: [Tag]
    /// Events that took effect outside are not told.
    private let range: Range<Int64>

    private var board: AlarmBoard
    private var products: [Controller.ID: String] = [:]
    private var moments: ArraySlice<RecordedMoment>
    private var routes: [Int64: Route] = [:]
    /// The newest scan of each recorded group, by its name.
    private var taken: [String: UInt64] = [:]
    private let groups: [String: ScanGroup.ID]
    private let controllers: [String: Controller.ID]
    private var events: [ReplayEvent] = []

    /// Scans taken, and readings in them.
    public private(set) var scanCount = 0
    public private(set) var readingCount = 0

    /// - Parameters:
    ///   - states: of alarms at the beginning, by name; the others begin normal, and so do those on Cupel itself, of
    ///     which no reading tells.
    ///   - moments: what happened beside the scans.
    ///   - range: UTC milliseconds. Scans before it warm the detectors up, scans after it run out the delays.
    public init(
        _ plant: Plant, states: [String: AlarmState] = [:], moments: [RecordedMoment] = [],
        showing range: Range<Int64> = Int64.min..<Int64.max
    ) {
        self.plant = plant
        self.range = range
        board = AlarmBoard(
            plant, states: plant.alarms.map { $0.isOfCupel ? AlarmState() : states[$0.name] ?? AlarmState() })
        let board = board
        tags = plant.tags.filter { board.watches($0.id) }
        groups = Dictionary(plant.groups.map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })
        controllers = Dictionary(plant.controllers.map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })
        // Equal times keep their order: a sort of Swift's is stable, though it does not promise it.
        let order = moments.indices.sorted { (moments[$0].time, $0) < (moments[$1].time, $1) }
        self.moments = order.map { moments[$0] }[...]
    }

    // MARK: Scans

    /// Takes the next scan, in the order in which they were complete.
    public mutating func take(_ scan: borrowing RecordedScan) {
        runMoments(before: scan.time + scan.took)
        scanCount += 1
        readingCount += scan.readings.count
        let route = route(of: scan)
        if scan.loss.isBad {
            for controller in route.controllers {
                board.controller(controller, isLost: true, at: scan.time + scan.took, cause: scan.loss)
            }
            for group in route.groups { board.lose(group, at: scan.time, cause: scan.loss) }
        } else {
            for controller in route.controllers {
                board.controller(controller, isLost: false, at: scan.time, cause: scan.loss)
            }
            for reading in scan.readings {
                let sample = Sample(
                    time: scan.time, value: reading.value, quality: reading.quality, bits: reading.bits)
                board.take(reading.tag, sample, text: scan.texts.isEmpty ? nil : scan.texts[reading.tag])
            }
            for group in route.groups { board.complete(group, at: scan.time) }
        }
        gather()
        taken[scan.group] = max(taken[scan.group] ?? 0, scan.sequence)
        while let moment = moments.first, let mark = moment.after, isTaken(mark) { runMoment() }
    }

    /// There are no more scans.
    ///
    /// - Parameter time: up to which the daemon ran, or the present: timers run out until then.
    public mutating func finish(at time: Int64) {
        while let moment = moments.first, moment.time <= time { runMoment() }
        board.rest(at: time)
        gather()
    }

    /// Hands over the events so far, in the order in which they were found.
    public mutating func takeEvents() -> [ReplayEvent] {
        defer { events.removeAll(keepingCapacity: true) }
        return events
    }

    private mutating func gather() {
        // What was taken over at a start is one notice of the daemon's, and no event of an alarm.
        for happening in board.takeHappened()
        where range.contains(happening.event.effective) && happening.event.what != .restored {
            events.append(ReplayEvent(happening, in: plant))
        }
        _ = board.takeCharted()
    }

    // MARK: Moments

    /// Where no mark says more, a scan that is complete at the very millisecond of a command came first.
    private mutating func runMoments(before time: Int64) {
        while let moment = moments.first, moment.time < time {
            if let mark = moment.after, !isTaken(mark), time - moment.time < Replay.patience { return }
            runMoment()
        }
    }

    /// For a scan that a moment came after, in milliseconds: beyond it that scan was not recorded.
    private static let patience: Int64 = 60_000

    private func isTaken(_ mark: RecordedMoment.ScanMark) -> Bool {
        taken[mark.group].map { $0 >= mark.sequence } ?? false
    }

    private mutating func runMoment() {
        let moment = moments.removeFirst()
        switch moment.what {
        case .command(let name, let asked, let note):
            guard let alarm = board.number(of: name), !plant.alarms[alarm].isOfCupel else { return }
            _ = board.obey(asked.command(board.states[alarm]), alarm, at: moment.time, by: note)
        case .stopped: board.rest(at: moment.time)
        case .started: restart(at: moment.time)
        case .product(let product, let name):
            guard let controller = controllers[name] else { return }
            products[controller] = product
            board.setProduct(product, of: controller)
        }
        gather()
    }

    /// As the daemon does: only the states outlive it.
    private mutating func restart(at time: Int64) {
        gather()
        board = AlarmBoard(plant, states: board.states)
        for (controller, product) in products { board.setProduct(product, of: controller) }
        board.restart(plant.alarms.map(\.id), at: time)
    }

    // MARK: Groups

    /// Whose scan a recorded scan is now: a replayed configuration may have other groups than the recorded one.
    private struct Route {
        var groups: [ScanGroup.ID] = []
        var controllers: [Controller.ID] = []
    }

    private mutating func route(of scan: borrowing RecordedScan) -> Route {
        if let known = routes[scan.layout] { return known }
        let found = Set(scan.tags.map { plant.tags[$0].group }).union(groups[scan.group].map { [$0] } ?? [])
        var route = Route(groups: found.sorted())
        // Cupel's own counters say nothing about whether a controller can be read.
        let read = route.groups.map { plant.groups[$0] }.filter { $0.diagnoses == nil }
        route.controllers = Set(read.map(\.controller)).sorted()
        routes[scan.layout] = route
        return route
    }
}

extension AlarmDefinition {
    /// Nothing in the history says how Cupel itself did.
    fileprivate var isOfCupel: Bool { if case .health = detector { true } else { false } }
}
