import Acquisition
import FoundationEssentials
import Plant
import Ring
import Synchronization

/// What controllers were found to answer at most, kept across restarts in `learned.json` of the state directory.
///
/// It is knowledge that can be had again, at the price of some refused requests; a file that cannot be read or written
/// is therefore no fault, and is told once.
final class LearnedFile: Sendable {
    /// What was learned holds for this controller as it was configured then; another instrument in its place, or
    /// another configured limit, makes it void.
    private struct Entry: Codable, Equatable {
        var endpoints: [String]
        var unit: Int
        var max_registers: Int
        var limits: LearnedLimits
    }

    private let path: String
    private let entries: Mutex<[String: Entry]>
    private let log: @Sendable (String) -> Void

    /// - Parameter log: told when the file cannot be used.
    init(path: String, log: @escaping @Sendable (String) -> Void) {
        self.path = path
        self.log = log
        var entries: [String: Entry] = [:]
        if let data = try? Data(contentsOf: URL(filePath: path)) {
            do {
                entries = try JSONDecoder().decode([String: Entry].self, from: data)
            } catch {
                log("\(path) cannot be understood and is begun anew: \(error)")
            }
        }
        self.entries = Mutex(entries)
    }

    func limits(of plant: Plant) -> [Controller.ID: LearnedLimits] {
        entries.withLock { entries in
            var limits: [Controller.ID: LearnedLimits] = [:]
            for controller in plant.controllers {
                guard let entry = entries[controller.name], LearnedFile.entry(controller, entry.limits) == entry
                else { continue }
                limits[controller.id] = entry.limits
            }
            return limits
        }
    }

    /// Keeps what was learned. Any thread; the file is written on one of its own.
    func note(_ controller: Controller, _ limits: LearnedLimits) {
        entries.withLock { entries in
            entries[controller.name] = limits == LearnedLimits() ? nil : LearnedFile.entry(controller, limits)
        }
        _ = try? Worker(name: "learned") { [self] in write() }
    }

    private func write() {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        // Under the lock, so that the last to write is the last to have changed it.
        entries.withLock { entries in
            do {
                try encoder.encode(entries).write(to: URL(filePath: path), options: .atomic)
            } catch {
                log("\(path) cannot be written: \(error); what was learned is found again after a restart")
            }
        }
    }

    private static func entry(_ controller: Controller, _ limits: LearnedLimits) -> Entry {
        Entry(
            endpoints: controller.endpoints.map(\.description), unit: Int(controller.unit),
            max_registers: controller.maxRegisters, limits: limits)
    }
}
