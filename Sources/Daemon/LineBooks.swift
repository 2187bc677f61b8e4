import Detection
import Logging
import Plant
import Watch

/// What is kept about lines beside their readings: what their controllers were found to answer, and captures of what
/// was on the wire before something happened.
struct LineBooks: Sendable {
    let learned: LearnedFile
    let archive: FrameArchive

    init(_ paths: StatePaths, _ logger: Logger) {
        learned = LearnedFile(path: paths.path("learned.json")) { logger.warning("\($0)") }
        archive = FrameArchive(folder: paths.path("frames")) { logger.notice("\($0)") }
    }

    /// An alarm that is told is worth its evidence. Called on the watch's thread; returns at once.
    func keepEvidence(of transitions: [AlarmTransition], in plant: Plant) {
        for transition in transitions where transition.event.annunciated && transition.event.what == .raise {
            guard let tag = plant.alarms[transition.alarm].tag, plant.tags[tag].diagnostic == nil else { continue }
            let controller = plant.controllers[plant.tags[tag].controller]
            archive.keep(controller.endpoints, cause: plant.alarms[transition.alarm].rule)
        }
    }
}
