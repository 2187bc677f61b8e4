import Plant

/// How many events lie within a sliding window, and the most that ever did.
///
/// The window is half open: an event exactly `length` ago is outside. Memory is the events of one window.
struct WindowCounter: Sendable {
    let length: Int64
    private var times: [Int64] = []
    private var head = 0
    private(set) var peak = 0
    /// The end of the window of the peak.
    private(set) var peakTime: Int64?

    init(_ length: Duration) { self.length = length.milliseconds }

    var count: Int { times.count - head }

    mutating func add(_ time: Int64) {
        times.append(time)
        while times[head] <= time - length { head += 1 }
        if count > peak { (peak, peakTime) = (count, time) }
        // Half of it is past: moving the rest costs no more than what was added since.
        if head > 64, head > times.count / 2 {
            times.removeFirst(head)
            head = 0
        }
    }
}
