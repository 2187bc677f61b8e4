extension Duration {
    static let configurationForm = "a duration such as 500ms, 1s, 5m, 2h or 400d"

    /// One unit and a whole number, so that a duration has one reading: `90s`, not `1m30s` or `1.5m`.
    private static let units: [(suffix: String, milliseconds: Int)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    static var configurationUnits: [String] { units.map(\.suffix) }

    /// The form as a regular expression of JSON Schema (ECMA-262).
    static var configurationPattern: String { "^[0-9]+(" + configurationUnits.joined(separator: "|") + ")$" }

    init(configured text: String) throws(Expected) {
        let digits = text.prefix { $0.isASCIIDigit }
        guard !digits.isEmpty, let unit = Self.units.first(where: { $0.suffix == text.dropFirst(digits.count) }) else {
            throw Expected(Self.configurationForm)
        }
        let (total, overflow) = (Int(digits) ?? .max).multipliedReportingOverflow(by: unit.milliseconds)
        guard !overflow, .milliseconds(total) <= Limits.longest else {
            throw Expected("at most \(Limits.longest.configured)")
        }
        self = .milliseconds(total)
    }

    /// The same form again, in the largest unit that gives a whole number.
    var configured: String {
        let total = Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
        let unit = Self.units.last { total % $0.milliseconds == 0 && total >= $0.milliseconds }
        return unit.map { "\(total / $0.milliseconds)\($0.suffix)" } ?? "0s"
    }
}
