public import Plant

/// Faults in the order they begin.
///
/// As text, one fault a line; `#` begins a comment:
/// ```
/// at 20s  F-01  over-temperature 60  for 40s
/// at 5m   EC-01 feed-stop            for 1h
/// at 10m  F-02  controller-dead
/// ```
/// Times are simulated time: at `--speed 60` a minute of it passes each second.
public struct FaultScript: Hashable, Sendable {
    public let faults: [ScheduledFault]

    public init(_ faults: [ScheduledFault] = []) {
        self.faults = faults.sorted { $0.at < $1.at }
    }

    /// Reads a script.
    ///
    /// - Throws: every line that is wrong, at once.
    public init(parsing text: String) throws(FaultScriptError) {
        var faults: [ScheduledFault] = []
        var problems: [FaultScriptError.Problem] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            do {
                if let fault = try FaultLine.parse(line) { faults.append(fault) }
            } catch {
                problems.append(.init(line: index + 1, message: error.message))
            }
        }
        guard problems.isEmpty else { throw FaultScriptError(problems: problems) }
        self.init(faults)
    }

    /// A few minutes that show what Cupel is for, on the furnaces and cells this plant has.
    public static func demonstration(for plant: Plant) -> FaultScript {
        let furnaces = plant.controllers.filter { plant.kind(of: $0) == .furnace }.map(\.name)
        let cells = plant.controllers.filter { plant.kind(of: $0) == .cell }.map(\.name)
        var faults: [ScheduledFault] = []
        if let furnace = furnaces.first {
            faults += [
                .init(
                    at: .seconds(20), controller: furnace, fault: .overTemperature(kelvin: 60), lasting: .seconds(40)),
                .init(at: .seconds(150), controller: furnace, fault: .thermocoupleOpen, lasting: .seconds(20)),
            ]
        }
        if let furnace = furnaces.last {
            faults += [
                .init(at: .seconds(100), controller: furnace, fault: .waterLoss, lasting: .seconds(15)),
                .init(at: .seconds(240), controller: furnace, fault: .controllerDead, lasting: .seconds(20)),
            ]
        }
        if let cell = cells.first {
            faults += [
                .init(at: .seconds(200), controller: cell, fault: .heartbeatFrozen, lasting: .seconds(20)),
                .init(at: .seconds(300), controller: cell, fault: .feedStop, lasting: .seconds(3600)),
            ]
        }
        return FaultScript(faults)
    }
}

/// What is wrong with a fault script, line by line.
public struct FaultScriptError: Error, Hashable, Sendable, CustomStringConvertible {
    public struct Problem: Hashable, Sendable {
        /// Counted from 1.
        public let line: Int
        public let message: String
    }

    public let problems: [Problem]

    /// `line 3: expected …, found …`, one a line.
    public var description: String { problems.map { "line \($0.line): \($0.message)" }.joined(separator: "\n") }
}

extension Plant {
    /// Which physics serves a controller of this plant.
    public func kind(of controller: Controller) -> ProcessKind {
        ProcessKind(controller: controller, tags: tags.filter { $0.controller == controller.id })
    }
}
