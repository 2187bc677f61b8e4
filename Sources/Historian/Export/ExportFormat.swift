/// What readings are exported as.
public enum ExportFormat: String, Sendable, CaseIterable {
    /// `time,tag,value,unit,quality`, as `cupel query` prints them and `cupel import` takes them.
    case csv
    /// An object a line.
    case ndjson
    /// A database of plain rows.
    case sqlite
}

/// How far an export has come.
public struct ExportProgress: Sendable, Hashable {
    public var rows = 0
    /// 0...1, by tags and time.
    public var fraction = 0.0
}
