/// What a device does wrong, by the numbers of the requests it gets: the same for the same seed, whatever the time.
public struct FaultSchedule: Sendable, CustomStringConvertible {
    public enum Fault: String, Sendable, CaseIterable {
        // One reply.
        case late, early, stray, twice, anotherUnit, anotherTransaction, anotherFunction, anotherLength, notModbus
        case trailing, short, half, dripped, split, silent, halfOpen, reset, cut, hangsUp, busy, noPath
        // All replies of an episode.
        case reboot, slowAfterConnect, blockLimit, illegalRange, frozen, sentinel

        /// How many requests an episode of it lasts.
        var lengths: ClosedRange<Int> {
            switch self {
            case .late, .early, .stray, .twice, .anotherUnit, .anotherTransaction, .anotherFunction, .anotherLength,
                .notModbus,
                .trailing, .short, .half, .dripped, .split, .silent, .halfOpen, .reset, .cut, .hangsUp, .reboot:
                1...2
            case .busy, .noPath: 1...4
            case .slowAfterConnect, .blockLimit, .illegalRange, .frozen, .sentinel: 4...30
            }
        }
    }

    public struct Episode: Sendable {
        public let fault: Fault
        public let requests: Range<Int>
    }

    public let seed: UInt64
    public let episodes: [Episode]
    /// From this request on everything is well.
    public var end: Int { episodes.last?.requests.upperBound ?? 0 }
    public var description: String {
        "seed \(seed): " + episodes.map { "\($0.fault) at \($0.requests)" }.joined(separator: ", ")
    }

    /// - Parameters:
    ///   - count: of episodes, with a few good requests between two.
    ///   - faults: those there may be.
    public init(seed: UInt64, count: Int, of faults: [Fault] = Fault.allCases) {
        var random = SeededRandom(seed: seed)
        var at = 0
        self.seed = seed
        episodes = (0..<count).compactMap { _ in
            guard let fault = faults.randomElement(using: &random) else { return nil }
            at += Int.random(in: 1...8, using: &random)
            let start = at
            at += Int.random(in: fault.lengths, using: &random)
            return Episode(fault: fault, requests: start..<at)
        }
    }

    /// What happens to the request with this number; `nil` when all is well.
    public func fault(at number: Int) -> Fault? { episodes.first { $0.requests.contains(number) }?.fault }

    /// How often the device's values have changed at this request: with each, but not while it is frozen.
    public func age(at number: Int) -> Int {
        guard let episode = episodes.first(where: { $0.requests.contains(number) }), episode.fault == .frozen else {
            return number
        }
        return episode.requests.lowerBound
    }
}
