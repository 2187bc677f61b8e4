import Plant

/// Times and qualities of readings in files, with what can be wrong about them.
struct ReadingFields {
    /// UTC milliseconds.
    private let now: Int64
    /// UTC milliseconds; older raw readings are deleted.
    private let horizon: Int64
    /// Whose times those without an offset are.
    private let clock: WallClock
    private let qualities = Dictionary(
        ([.good] + Quality.all).map { (ArraySlice($0.name.utf8), $0) } + [([], .good)],
        uniquingKeysWith: { first, _ in first })

    /// A day's grace for clocks and time zones; beyond it a time is a mistake, or a forecast.
    static let future: Int64 = 86_400_000
    /// Smaller numbers are seconds by mistake: as milliseconds they would lie before March 1973.
    static let smallestEpoch: Int64 = 100_000_000_000

    init(now: Int64, horizon: Int64, clock: WallClock) {
        (self.now, self.horizon, self.clock) = (now, horizon, clock)
    }

    func time(_ field: CSVRecords.Field, _ record: borrowing CSVRecords) throws(ImportProblem) -> Int64 {
        let bytes = record.bytes(field)
        func wrong(_ expected: String) -> ImportProblem {
            record.problem(found: "the time \(quoted(bytes))", expected: expected, at: field)
        }
        guard let time = WrittenTime(bytes)?.milliseconds(on: clock) else {
            throw wrong("ISO 8601 or UTC milliseconds since 1970")
        }
        guard time >= 0 else { throw wrong("one since 1970") }
        let isNumber = bytes.allSatisfy { $0 != UInt8(ascii: "-") }
        guard !isNumber || time >= ReadingFields.smallestEpoch else {
            throw wrong("milliseconds: these look like seconds")
        }
        guard time <= now + ReadingFields.future else {
            throw wrong("none in the future; now is \(UTCTime.text(now))")
        }
        guard time >= horizon else {
            throw wrong("one since \(UTCTime.text(horizon)): older readings are deleted (history.keep_raw)")
        }
        return time
    }

    func quality(_ field: CSVRecords.Field, _ record: borrowing CSVRecords) throws(ImportProblem) -> Quality {
        let bytes = record.bytes(field)
        if let quality = qualities[bytes] { return quality }
        // A code without a name, from another version: bad:200.
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: ":")
        if parts.count == 2, let code = UInt8(parts[1]) {
            let quality = Quality(rawValue: code)
            if quality.name.utf8.elementsEqual(bytes) { return quality }
        }
        throw record.problem(
            found: "the quality \(quoted(bytes))", expected: "a name such as good or bad:timeout, or nothing",
            at: field)
    }
}
