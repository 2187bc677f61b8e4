import Plant

/// How fast annunciations come: in fixed buckets of ten minutes and days of UTC, and in sliding windows.
struct RateMeter: Sendable {
    static let tenMinutes: Int64 = 600_000

    private(set) var total = 0
    private(set) var hour = WindowCounter(.seconds(3600))
    private(set) var tenMinuteWindow = WindowCounter(.seconds(600))
    private(set) var minute = WindowCounter(.seconds(60))
    private var bucket: Int64?
    private var inBucket = 0
    private var busy = 0
    private var full = 0
    private var busiest = 0
    private var busiestTime: Int64?

    mutating func add(_ time: Int64) {
        total += 1
        hour.add(time)
        tenMinuteWindow.add(time)
        minute.add(time)
        let index = time.flooredQuotient(dividingBy: Self.tenMinutes)
        if index != bucket { close(next: index) }
        inBucket += 1
    }

    private mutating func close(next: Int64?) {
        if let bucket {
            busy += inBucket > 1 ? 1 : 0
            full += inBucket >= 10 ? 1 : 0
            if inBucket > busiest { (busiest, busiestTime) = (inBucket, bucket * Self.tenMinutes) }
        }
        (bucket, inBucket) = (next, 0)
    }

    func buckets(from: Int64, to: Int64) -> PerformanceReport.Buckets {
        var copy = self
        copy.close(next: nil)
        let last = (to - 1).flooredQuotient(dividingBy: Self.tenMinutes)
        let count = Int(last - from.flooredQuotient(dividingBy: Self.tenMinutes)) + 1
        return PerformanceReport.Buckets(
            count: count, overOne: copy.busy, tenOrMore: copy.full, busiest: copy.busiest, busiestAt: copy.busiestTime)
    }
}
