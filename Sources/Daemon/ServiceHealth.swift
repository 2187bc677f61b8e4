import Acquisition
import Plant
import Watch

/// Whether every part that must move has moved: the evidence the watchdog is fed with.
///
/// A controller that is down is no reason to starve it; neither is a database that is locked, as long as the recorder
/// keeps trying. A thread that no longer comes round is.
struct ServiceHealth {
    /// The watch goes round every 250 ms and the recorder every commit interval, a line may wait for its controller
    /// besides; what is later than this is stuck.
    static let patience: Duration = .seconds(8)

    let stuck: [String]

    init(_ run: PlantRun, now: Int64) {
        var stuck: [String] = []
        func check(_ name: String, _ last: Int64, _ patience: Duration) {
            if now - last > patience.nanoseconds { stuck.append(name) }
        }
        check("watch", run.watch.lastTurn, ServiceHealth.patience)
        check("recorder", run.recorderTurn, ServiceHealth.patience + run.plant.history.commitEvery)
        // Connecting and a reply may each take a timeout.
        let slowest = run.plant.controllers.map(\.timeout).max() ?? .zero
        for line in run.lines {
            check("line \(line.endpoint)", line.lastTurn, ServiceHealth.patience + slowest * 2)
        }
        self.stuck = stuck
    }

    var isWell: Bool { stuck.isEmpty }
}
