import Historian
import Plant

/// Writes instants into rows: ISO 8601 with `Z` or the clock's offset, or milliseconds since 1970.
///
/// Millions of rows carry millions of times that share their day and their offset; both are kept from one to the next.
struct TimeColumn {
    private let clock: WallClock
    private let isNumber: Bool
    /// UTC milliseconds during which `offset` is known to hold.
    private var known: Range<Int64> = 0..<0
    private var offset: Int64 = 0
    private var suffix: [UInt8] = []
    private var day = Int64.min
    private var date: [UInt8] = []

    private static let dayLength: Int64 = 86_400_000
    /// No clock changes twice within an hour.
    private static let block: Int64 = 3_600_000

    init(_ clock: WallClock, isNumber: Bool = false) { (self.clock, self.isNumber) = (clock, isNumber) }

    /// True when times are numbers in JSON.
    var areNumbers: Bool { isNumber }

    mutating func text(_ time: Int64) -> String {
        var bytes: [UInt8] = []
        append(time, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    mutating func append(_ time: Int64, to bytes: inout [UInt8]) {
        guard !isNumber, UTCTime.writable.contains(time) else {
            return bytes.append(contentsOf: String(time).utf8)
        }
        if !known.contains(time) { learn(time) }
        let local = time + offset
        let number = local.flooredQuotient(dividingBy: Self.dayLength)
        if number != day {
            day = number
            date = Array(UTCTime.text(local).utf8.prefix(11))
        }
        let rest = Int(local - number * Self.dayLength)
        bytes.append(contentsOf: date)
        Self.append(rest / 3_600_000, 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.append(rest / 60_000 % 60, 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.append(rest / 1000 % 60, 2, to: &bytes)
        bytes.append(UInt8(ascii: "."))
        Self.append(rest % 1000, 3, to: &bytes)
        bytes.append(contentsOf: suffix)
    }

    private mutating func learn(_ time: Int64) {
        let start = time.floored(to: Self.block)
        let there = clock.offset(at: time)
        let isSteady = clock.offset(at: start) == there && clock.offset(at: start + Self.block - 1) == there
        known = isSteady ? start..<(start + Self.block) : time..<(time + 1)
        // An offset of local mean time has seconds, which ISO 8601 cannot write: the text stays true to its own offset.
        let minutes = Int((Double(there) / 60_000).rounded())
        offset = Int64(minutes) * 60_000
        suffix = clock.isUTC ? [UInt8(ascii: "Z")] : []
        guard !clock.isUTC else { return }
        suffix.append(UInt8(ascii: minutes < 0 ? "-" : "+"))
        Self.append(abs(minutes) / 60, 2, to: &suffix)
        suffix.append(UInt8(ascii: ":"))
        Self.append(abs(minutes) % 60, 2, to: &suffix)
    }

    private static func append(_ number: Int, _ digits: Int, to bytes: inout [UInt8]) {
        if digits > 2 { bytes.append(UInt8(ascii: "0") + UInt8(number / 100)) }
        bytes.append(UInt8(ascii: "0") + UInt8(number / 10 % 10))
        bytes.append(UInt8(ascii: "0") + UInt8(number % 10))
    }
}
