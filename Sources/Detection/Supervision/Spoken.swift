/// A time as one says it: `800 ms`, `30 s`, `10 min`, `5 h`, `3 d`. Rounded down.
func spoken(_ milliseconds: Int64) -> String {
    switch milliseconds {
    case ..<1000: "\(milliseconds) ms"
    case ..<120_000: "\(milliseconds / 1000) s"
    case ..<7_200_000: "\(milliseconds / 60_000) min"
    case ..<172_800_000: "\(milliseconds / 3_600_000) h"
    default: "\(milliseconds / 86_400_000) d"
    }
}

/// Names up to a number that fits a line, and how many more there are.
func listing(_ names: [String], of total: Int) -> String {
    let shown = names.prefix(Announcer.Limits.spoken)
    let rest = total - shown.count
    return shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
}
