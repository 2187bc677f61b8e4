import Plant

/// The value at the wrong side of its limit, for once or to and fro: raises of the present tuning that follow each
/// other within the window of chatter.
struct Excursion: Sendable {
    /// Its first raise.
    private(set) var begin: Int64?
    private var raised: Int64?
    private var cleared: Int64?
    private var longest: Int64 = 0
    private var active: Int64 = 0

    init(begin: Int64? = nil) { self.begin = begin }

    /// Whether a raise now is another one.
    func isOver(at time: Int64, _ rules: PerformanceRules) -> Bool {
        guard begin != nil, let cleared else { return begin == nil }
        return time - cleared > rules.chatterWindow.milliseconds
    }

    mutating func raise(_ time: Int64) { raised = time }

    mutating func clear(_ time: Int64) {
        guard let raised else { return }
        cleared = time
        active += time - raised
        longest = max(longest, time - raised)
        self.raised = nil
    }

    /// Operators should hear of it: one of its occurrences lasted, or together they did and took up at least a quarter
    /// of its time. A glitch now and then is neither.
    func isReal(_ rules: PerformanceRules) -> Bool {
        guard let begin, let cleared else { return false }
        let lasting = rules.fleeting.milliseconds
        return longest >= lasting || active >= lasting && 4 * active >= cleared - begin
    }
}
