/// Keys of one table between which a damaged file gave no row, or gave one that cannot be used.
struct SalvageHole: Hashable {
    var table: String
    /// The scan group, layout or tag whose rows these are; `nil` in a table that has no column before its key.
    var owner: Int64?
    /// A hole at the end of its table reaches to the greatest key that there could be.
    var keys: ClosedRange<Int64>

    /// Nothing was found behind it.
    var isOpen: Bool { keys.upperBound >= .max - 1 }

    /// UTC milliseconds, in a table whose key tells them.
    var times: ClosedRange<Int64>? {
        switch table {
        case "hot": (keys.lowerBound >> 20)...(keys.upperBound >> 20)
        case "waiting", "hour", "day", "rollup_due": keys
        default: nil
        }
    }
}
