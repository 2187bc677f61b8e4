import Acquisition
import Logging
import Plant
import Ring
import Watch

/// A line at work, the watch's end of its ring, and what it takes to tell whether it can go on under another plant.
struct RunningLine: Sendable {
    /// Scans a line's ring holds while the watch is busy. The watch needs microseconds a block; four seconds of
    /// everything at once covers a machine that stood still.
    static let ringSeconds = 4

    let line: Line
    let input: LineInput
    let identity: LineIdentity
    /// The plant it was made for, by whose numbers it goes.
    let born: Plant

    /// - Parameter next: the number of the next scan of each group, by its name; 1 where there is none.
    init(
        _ plan: LinePlan, of plant: Plant, next: [String: UInt64], doorbell: Doorbell, clock: any PlantClock,
        books: LineBooks, logger: Logger
    ) {
        let endpoint = plan.endpoint
        let ring = Ring<Cell>(capacity: ScanVolume.cells(of: plan, in: plant, seconds: RunningLine.ringSeconds))
        input = LineInput(name: "\(endpoint)", consumer: ring.consumer)
        identity = LineIdentity(plan, of: plant)
        born = plant
        let first = plant.groups.map { ($0.id, next[$0.name] ?? 1) }
        line = Line(
            plan: plan, plant: plant, firstSequence: Dictionary(first, uniquingKeysWith: { first, _ in first }),
            producer: ring.producer, doorbell: doorbell, clock: clock, seed: UInt64.random(in: 0...UInt64.max),
            learned: books.learned.limits(of: plant),
            learn: { books.learned.note(plant.controllers[$0], $1) },
            log: { notice in
                logger.log(level: notice.ended || !notice.isFault ? .notice : .warning, "line \(endpoint): \(notice)")
                guard notice.isFault else { return }
                if notice.ended {
                    books.archive.wellAgain(plan.endpoints)
                } else {
                    books.archive.fault(on: plan.endpoints)
                }
            })
        books.archive.follow(line, name: plant.controllers[plan.controllers[0]].name)
    }

    /// The number of the next scan of each of its groups, by the group's name. Only good when the line has ended.
    var next: [String: UInt64] {
        let pairs = line.nextSequence.map { (born.groups[$0.key].name, $0.value) }
        return Dictionary(pairs, uniquingKeysWith: max)
    }
}

/// How many cells scans take on their way.
enum ScanVolume {
    /// What the recorder's ring holds while the database is locked, slow or full: a minute, so that a backup or a
    /// forgotten `BEGIN` in somebody's shell costs nothing.
    static let recorderSeconds = 60
    /// 2^22 cells of 16 bytes are 64 MiB: the most memory a stuck database may cost.
    static let recorderLimit = 1 << 22
    /// Room for a burst besides: every group's first scan at once.
    private static let lineFloor = 1024
    private static let recorderFloor = 1 << 14

    static func cells(of line: LinePlan, in plant: Plant, seconds: Int) -> Int {
        scans(of: line, in: plant, seconds: seconds, atLeast: 1) + lineFloor
    }

    static func recorderCells(_ plan: ScanPlan, _ plant: Plant) -> Int {
        let cells = plan.lines.map { scans(of: $0, in: plant, seconds: recorderSeconds, atLeast: 2) }
        return min(cells.reduce(recorderFloor, +), recorderLimit)
    }

    /// Of all groups of the line's controllers: also those that count what the line does, which are no part of its plan.
    private static func scans(of line: LinePlan, in plant: Plant, seconds: Int, atLeast scans: Int) -> Int {
        let requests = Dictionary(
            line.groups.map { ($0.group, $0.requests.count) }, uniquingKeysWith: { first, _ in first })
        return plant.groups.filter { line.controllers.contains($0.controller) }.map { group in
            max(scans, seconds * 1000 / max(1, Int(group.period.milliseconds)))
                * cells(group, requests: requests[group.id] ?? 0, plant)
        }.reduce(0, +)
    }

    /// Cells of one scan: a header for each request and for what is computed or counted besides, a cell for each value,
    /// and the cells of texts.
    private static func cells(_ group: ScanGroup, requests: Int, _ plant: Plant) -> Int {
        let values = group.tags.map { id in
            plant.tags[id].type.isString ? 1 + (plant.tags[id].type.registers + 7) / 8 : 1
        }
        return (requests + 1) * ScanHeader.cells + values.reduce(0, +)
    }
}
