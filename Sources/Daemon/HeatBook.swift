import Console
import Journal
import Plant
import Synchronization

/// Which heat is on which controller, as operators have said. The journal keeps it across restarts.
final class HeatBook: Sendable {
    /// By controller name.
    private let present: Mutex<[String: HeatRecord]>

    init(_ journal: Journal) throws { present = Mutex(try journal.loadHeats()) }

    /// What the alarms must know: the product on each controller of a plant.
    func products(of plant: Plant) -> [Controller.ID: String] {
        present.withLock { heats in
            Dictionary(
                uniqueKeysWithValues: plant.controllers.compactMap { controller in
                    heats[controller.name]?.product.map { (controller.id, $0) }
                })
        }
    }

    func reports(of plant: Plant) -> [HeatReport] {
        present.withLock { heats in
            plant.controllers.map { controller in
                let heat = heats[controller.name]
                return HeatReport(
                    controller: controller.name, heat: heat?.heat, product: heat?.product,
                    since: heat.map { UTCTime.text($0.began) }, who: heat?.who)
            }
        }
    }

    /// Begins a heat, or with no heat ends the present one.
    ///
    /// - Returns: what the journal must hear.
    func begin(_ heat: HeatReport, who: String, at time: Int64) -> JournalEntry {
        present.withLock { heats in
            let before = heats[heat.controller]
            var entry = JournalEntry()
            if var ended = before {
                ended.ended = time
                entry.heats.append(ended)
                entry.notices.append(
                    .daemon(.heatEnds, text: "\(heat.controller): \(ended.words) ends", at: time, who: who))
            }
            heats[heat.controller] = heat.heat.map {
                HeatRecord(controller: heat.controller, heat: $0, product: heat.product, began: time, who: who)
            }
            let after = heats[heat.controller]
            if let after {
                entry.heats.append(after)
                entry.notices.append(
                    .daemon(.heatBegins, text: "\(heat.controller): \(after.words) begins", at: time, who: who))
            }
            entry.audit.append(
                AuditRecord(
                    time: time, who: who, what: "heat", subject: heat.controller, before: before?.words,
                    after: after?.words, answer: "ok"))
            return entry
        }
    }
}

extension HeatRecord {
    fileprivate var words: String { "heat \(heat)" + (product.map { " of \($0)" } ?? "") }
}
