import Plant

/// The faults of one controller as its clock runs: which are active, and which began or ended since.
struct FaultSchedule: Sendable {
    private let faults: [ScheduledFault]
    /// Indices of the active ones, in the order they began.
    private var active: [Int] = []
    private var nextToBegin = 0
    /// Simulated seconds of the next beginning or end; nothing needs doing before.
    private var nextChange = 0.0

    init(_ faults: [ScheduledFault]) {
        self.faults = faults
        nextChange = faults.first.map { $0.at.asSeconds } ?? .infinity
    }

    var activeFaults: [Fault] { active.map { faults[$0].fault } }

    /// Moves on to `time`.
    ///
    /// - Returns: true when the set of active faults changed; the changes are appended to `notices`.
    mutating func advance(to time: Double, notices: inout [SimulationNotice]) -> Bool {
        guard time >= nextChange else { return false }
        active.removeAll { index in
            guard let end = faults[index].end, end <= time else { return false }
            notices.append(.faultEnded(faults[index], at: .seconds(end)))
            return true
        }
        while nextToBegin < faults.count, faults[nextToBegin].at.asSeconds <= time {
            notices.append(.faultStarted(faults[nextToBegin]))
            active.append(nextToBegin)
            nextToBegin += 1
        }
        let ends = active.compactMap { faults[$0].end }
        let begin = nextToBegin < faults.count ? faults[nextToBegin].at.asSeconds : .infinity
        nextChange = min(begin, ends.min() ?? .infinity)
        return true
    }
}

extension ScheduledFault {
    /// Simulated seconds when it is over; `nil` when never.
    fileprivate var end: Double? { lasting.map { (at + $0).asSeconds } }
}

extension Duration {
    var asSeconds: Double { Double(nanoseconds) / 1e9 }
}
