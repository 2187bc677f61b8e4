import Plant

/// Keeps the spikes of a tag from its other detectors: a delay of one sample, for a tag that has a spike alarm.
///
/// At a sample the one before it is let through, unless it is suspect. A bad sample needs no neighbours and comes at
/// once, behind the one that waited. Neighbours are compared as they came, suspect or not. A value that goes to and fro
/// without end is no row of spikes: after two that were kept back the next is let through.
struct SpikeScreen: Sendable {
    /// What is let through, in order of time.
    struct Released: Sendable {
        var first: Sample?
        var second: Sample?
    }

    private var memory: SpikeMemory
    private var held: Sample?
    private var keptBack = 0
    private static let keptBackAtMost = 2

    /// - Parameter maxGap: milliseconds; a sample after a longer gap is no neighbour.
    init(_ spike: Spike, maxGap: Int64) { memory = SpikeMemory(spike, maxGap: maxGap) }

    mutating func take(_ sample: Sample) -> Released {
        let isSuspect = memory.isSuspect(sample) && keptBack < SpikeScreen.keptBackAtMost
        keptBack = isSuspect ? keptBack + 1 : 0
        let released = isSuspect ? nil : held
        guard sample.isGood else {
            held = nil
            return released == nil ? Released(first: sample) : Released(first: released, second: sample)
        }
        held = sample
        return Released(first: released)
    }

    /// Nothing that waited is let through any more.
    mutating func reset() {
        held = nil
        memory.reset()
    }
}
