import Acquisition
import Console
import FoundationEssentials
import Modbus
import NIOCore
import Plant

/// What the flight recorders hold.
extension DaemonBackend {
    func frames(of controller: String, since: Int64?) -> ByteBuffer? {
        let run = daemon.run
        guard let id = run.plant.controllers.first(where: { $0.name == controller })?.id,
            let line = run.line(of: id)
        else { return nil }
        return ByteBuffer(bytes: Capture.pcap(line.frames.frames(since: since.map(\.nanoseconds))))
    }

    func explain(tag name: String, at time: Int64) throws(ExplanationProblem) -> ByteBuffer {
        let run = daemon.run
        guard let tag = run.plant.tag(named: name) else { throw ExplanationProblem("no tag is called \(name)") }
        let explanation: ReadingExplanation
        do throws(ExplanationFault) {
            explanation = try ReadingExplanation(of: tag, in: run.plant, at: time.nanoseconds) {
                run.line(of: $0)?.frames
            }
        } catch {
            throw ExplanationProblem("\(error)")
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        do {
            return ByteBuffer(bytes: try encoder.encode(explanation))
        } catch {
            throw ExplanationProblem("\(error)")
        }
    }
}

extension PlantRun {
    /// The line of a controller. Endpoints tell lines apart, also those that were made for an earlier plant.
    func line(of controller: Controller.ID) -> Line? {
        let endpoints = plant.controllers[controller].endpoints
        return lines.first { $0.plan.endpoints == endpoints }
    }
}

extension Int64 {
    /// Of milliseconds; what lies beyond the nanoseconds of an integer (the year 2262) is as far as they go.
    fileprivate var nanoseconds: Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: 1_000_000)
        return overflow ? (self < 0 ? .min : .max) : product
    }
}
