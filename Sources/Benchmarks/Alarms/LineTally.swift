import CBaseline
import Glibc
import Synchronization

/// What one reader got: which events, how late, and how many it was told to have missed. Any thread.
final class LineTally: Sendable {
    private struct State {
        var rest: [UInt8] = []
        var seen: Set<Int64> = []
        var newest: Int64 = 0
        var toldLost = 0
        /// Milliseconds from the reply that brought the value to here; the line has whole milliseconds.
        var latencies: [Double] = []
        var arrivals: [Int64: Int64] = [:]
    }

    let name: String
    private let state = Mutex(State())

    init(_ name: String) { self.name = name }

    /// Takes bytes of lines, cut anywhere.
    ///
    /// - Returns: the newest number there was so far.
    @discardableResult
    func take(_ bytes: some Sequence<UInt8>) -> Int64 {
        let (now, day) = (baseline_now(), LineTally.millisecondsOfToday())
        return state.withLock { state in
            state.rest += bytes
            var start = 0
            while let end = state.rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
                LineTally.note(state.rest[start..<end], &state, now, day)
                start = end + 1
            }
            state.rest.removeFirst(start)
            return state.newest
        }
    }

    var newest: Int64 { state.withLock { $0.newest } }
    var toldLost: Int { state.withLock { $0.toldLost } }

    /// How many of the events up to a number are missing.
    func missing(upTo last: Int64) -> Int {
        state.withLock { state in last < 1 ? 0 : (1...last).count { !state.seen.contains($0) } }
    }

    /// Milliseconds, of all events since the last `forgetLatencies`.
    var latencies: [Double] { state.withLock { $0.latencies } }

    /// CLOCK_MONOTONIC nanoseconds when the last of these events was here; 0 for none.
    func lastArrival(in range: ClosedRange<Int64>) -> Int64 {
        state.withLock { state in range.reduce(0) { max($0, state.arrivals[$1] ?? 0) } }
    }

    /// What came so far is no part of the figures.
    func forgetLatencies() { state.withLock { $0.latencies = [] } }

    private static func note(_ line: ArraySlice<UInt8>, _ state: inout State, _ now: Int64, _ day: Double) {
        if let lost = number(after: "\"lost\":", in: line) { state.toldLost += Int(lost) }
        guard let sequence = number(after: "\"seq\":", in: line), sequence > 0,
            state.seen.insert(sequence).inserted
        else { return }
        state.newest = max(state.newest, sequence)
        state.arrivals[sequence] = now
        guard let received = time(after: "\"t_received\":\"", in: line) else { return }
        let latency = day - received
        // Over midnight.
        state.latencies.append(latency < -43_200_000 ? latency + 86_400_000 : latency)
    }

    // MARK: Just enough of JSON

    static func number(after key: String, in line: ArraySlice<UInt8>) -> Int64? {
        guard let start = position(after: key, in: line) else { return nil }
        let digits = line[start...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return digits.isEmpty ? nil : digits.reduce(0) { $0 &* 10 &+ Int64($1 - UInt8(ascii: "0")) }
    }

    /// The milliseconds of the day in `2026-01-03T10:00:00.123Z`.
    static func time(after key: String, in line: ArraySlice<UInt8>) -> Double? {
        guard let start = position(after: key, in: line), line.endIndex - start >= 23 else { return nil }
        func digits(_ offset: Int, _ count: Int) -> Double {
            line[(start + offset)..<(start + offset + count)].reduce(0) { $0 * 10 + Double($1) - 48 }
        }
        return digits(11, 2) * 3_600_000 + digits(14, 2) * 60_000 + digits(17, 2) * 1000 + digits(20, 3)
    }

    private static func position(after key: String, in line: ArraySlice<UInt8>) -> Int? {
        let wanted = Array(key.utf8)
        guard line.count >= wanted.count else { return nil }
        for start in line.startIndex...(line.endIndex - wanted.count)
        where line[start] == wanted[0] && line[start..<(start + wanted.count)].elementsEqual(wanted) {
            return start + wanted.count
        }
        return nil
    }

    private static func millisecondsOfToday() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec % 86_400) * 1000 + Double(time.tv_nsec) / 1e6
    }
}
