public import Plant

/// What a program for alarms finds in its environment.
///
/// Nothing of the daemon's own: no credentials directory, no watchdog, no library path. The line's fields are there for
/// scripts that have no JSON parser; their values are texts of the plant and belong in quotes.
public enum ExecEnvironment {
    static func variables(of line: AlarmLine) -> [String] {
        ["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"] + fields(line.fields)
    }

    /// `CUPEL_ALARM` and so on, for what a line has of them.
    public static func fields(_ fields: [AlarmField: String]) -> [String] {
        fields.sorted { $0.key.rawValue < $1.key.rawValue }.map { field, value in
            // The system ends a variable at a NUL, and so would hide what follows it.
            "CUPEL_\(field.rawValue.uppercased())=\(value.filter { $0 != "\0" })"
        }
    }
}
