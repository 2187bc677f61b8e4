import Plant

/// Which of a line's endpoints is in use.
///
/// The choice is sticky: it stays with what works, and moves on only when that fails. While it is not with the
/// preferred one, that is tested from time to time, and taken again when it answers.
struct EndpointChoice: Sendable {
    /// The preferred endpoint is tested after five minutes with another, then ever more rarely, up to once an hour: a
    /// switch-over should be rare, and the redundant one is as good.
    static let firstTest: Int64 = 300_000_000_000
    static let rarestTest: Int64 = 3_600_000_000_000

    let endpoints: [Endpoint]
    /// The one in use, as an index.
    private(set) var current = 0
    private var failures = 0
    private var testAt = Int64.max
    private var wait = EndpointChoice.firstTest

    init(_ endpoints: [Endpoint]) { self.endpoints = endpoints }

    var endpoint: Endpoint { endpoints[current] }

    /// The one in use failed.
    ///
    /// - Returns: true when another one is to be tried at once; false when all have failed in turn, and time must pass.
    mutating func moveOn(at now: Int64) -> Bool {
        failures += 1
        guard endpoints.count > 1 else { return false }
        current = (current + 1) % endpoints.count
        (testAt, wait) = (now + EndpointChoice.firstTest, EndpointChoice.firstTest)
        return !failures.isMultiple(of: endpoints.count)
    }

    /// A whole scan was answered.
    mutating func worked() { failures = 0 }

    func isTestDue(at now: Int64) -> Bool { current != 0 && now >= testAt }

    /// The preferred endpoint was tested.
    mutating func tested(answered: Bool, at now: Int64) {
        if answered { (current, failures) = (0, 0) }
        wait = min(wait * 2, EndpointChoice.rarestTest)
        testAt = now + wait
    }
}
