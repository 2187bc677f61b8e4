import Acquisition
import CBaseline
import FoundationEssentials
import Glibc

/// A daemon with three sinks and a reader of its stream, over a farm that makes alarms by the hundred.
struct StormRun: ~Copyable {
    /// How long everybody may take to get what there is.
    static let patience: Int64 = 30_000_000_000

    let farm: Farm
    private let plant: StormPlant
    let directory: ScratchDirectory
    private var daemon: DaemonUnderTest
    /// The file's, the webhook's, the socket's, and the pipe's where we read it ourselves.
    let readers: [LineReader]
    var journal: String { directory.path + "/state/journal.db" }
    var fifo: String { directory.path + "/fifo" }
    var stream: String { directory.path + "/state/alarms.sock" }

    /// - Parameter readsFifo: false leaves the pipe to somebody else.
    static func start(_ plant: StormPlant, with product: ProductOptions, readsFifo: Bool = true) throws -> StormRun {
        let directory = try ScratchDirectory(in: product.scratch)
        let (fifo, file) = (directory.path + "/fifo", directory.path + "/alarms.jsonl")
        guard mkfifo(fifo, 0o600) == 0 else { throw BenchmarkFailure("\(fifo): \(String(cString: strerror(errno)))") }
        let farm = try Farm.start(devices: plant.devices, tags: plant.tags)
        let webhook = try LineReader.webhook()
        try plant.write(
            to: directory.path, ports: farm.ports, places: .init(file: file, fifo: fifo, webhook: webhook.port))
        var readers = [try LineReader.file(file), webhook.reader]
        if readsFifo { readers.append(try LineReader.fifo(fifo)) }
        let daemon = try DaemonUnderTest(cupel: product.cupel, directory: directory.path)
        do {
            try farm.waitUntilPolled(within: 30)
            readers.append(try LineReader.stream(directory.path + "/state/alarms.sock"))
        } catch {
            throw BenchmarkFailure("\(error)\n\(daemon.log)")
        }
        let run = StormRun(
            farm: farm, plant: plant, directory: directory, daemon: daemon, readers: readers)
        try run.settle()
        return run
    }

    private init(
        farm: consuming Farm, plant: StormPlant, directory: consuming ScratchDirectory,
        daemon: consuming DaemonUnderTest, readers: [LineReader]
    ) {
        self.farm = farm
        self.plant = plant
        self.directory = directory
        self.daemon = daemon
        self.readers = readers
    }

    func status() throws -> DaemonUnderTest.Status { try daemon.status() }
    var cpu: Int64 { daemon.cpu }

    /// The newest event that is on disk.
    func newest() throws -> Int64 { Int64(try number(journal, "SELECT max(seq) FROM alarm_event")) }

    /// The alarms raised behind a number: so many, and the last.
    func raises(after sequence: Int64) throws -> (count: Int, last: Int64) {
        let row = try query(
            journal,
            "SELECT count(*), max(seq) FROM alarm_event WHERE seq > \(sequence) AND alarm LIKE 'storm:%' AND what = 'raise'"
        )
        return (Int(row[0]) ?? 0, Int64(row[1]) ?? 0)
    }

    /// Waits until nothing new comes and all readers have what there is, or until `patience` has passed.
    ///
    /// - Returns: the newest event.
    @discardableResult
    func settle() throws -> Int64 {
        let until = baseline_now() + Self.patience
        var last: Int64 = -1
        while true {
            let newest = try newest()
            let isThere = readers.allSatisfy { $0.tally.newest >= newest }
            if newest == last && isThere || baseline_now() > until { return newest }
            last = newest
            // Longer than a scan of the controllers that storm.
            usleep(UInt32(StormPlant.stormPeriod) * 2000)
        }
    }

    /// Waves through all tags that have alarms: each raises and clears once in a period in nanoseconds.
    func wave(period: Int64) throws {
        for device in plant.quiet..<plant.devices { try farm.wave(device, period: period) }
    }

    /// The period in which that many alarms a second are raised.
    func period(of rate: Int) -> Int64 { Self.period(of: rate, alarms: plant.storms * plant.tags) }

    static func period(of rate: Int, alarms: Int) -> Int64 { Int64(alarms) * 1_000_000_000 / Int64(rate) }

    consuming func stop() throws {
        for reader in readers { reader.stop() }
        _ = try daemon.stop()
    }
}
