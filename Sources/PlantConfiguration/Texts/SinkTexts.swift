import Mustache
import Plant

extension WeekTime {
    static let configurationForm =
        "a time of the week such as \"mon-fri 06:00-22:00\", \"sat,sun 08:00-12:00\" or \"22:00-06:00\""
    private static let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    /// `[DAYS ]HH:MM-HH:MM`, where days are names, ranges of them, or both with commas between.
    init(configured text: String) throws(Expected) {
        let words = text.split(separator: " ")
        guard let times = words.last, words.count <= 2 else { throw Expected(Self.configurationForm) }
        let days = words.count == 2 ? try Self.days(words[0]) : Set(1...7)
        let ends = times.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let from = Self.minute(ends[0]), let to = Self.minute(ends[1]), from < 1440, to > 0
        else {
            throw Expected(Self.configurationForm)
        }
        guard from != to else { throw Expected("an end that is not the beginning; 00:00-24:00 is a whole day") }
        self.init(days: days, from: from, to: to)
    }

    private static func days(_ text: Substring) throws(Expected) -> Set<Int> {
        var days: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map {
                names.firstIndex(of: String($0))
            }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1] else {
                throw Expected("days \(names.joined(separator: ", ")), mon-fri or mon,wed", found: String(part).quoted)
            }
            var day = first
            days.insert(day + 1)
            while day != last {
                day = (day + 1) % 7
                days.insert(day + 1)
            }
        }
        return days
    }

    /// `06:30`; 24:00 is the end of the day.
    private static func minute(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.allSatisfy(\.isASCIIDigit) }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), minute < 60, hour * 60 + minute <= 1440
        else { return nil }
        return hour * 60 + minute
    }
}

extension ServerAddress {
    static let configurationForm = "HOST:PORT such as mail.example:25 or [fd00::9]:6514"

    init?(_ value: Value) {
        // The name is looked up when it is used.
        let endpoint = value.text(Self.configurationForm) { text throws(Expected) in
            do throws(Expected) {
                return try Endpoint(configured: text, ports: 1...65_535, resolve: { name in name })
            } catch {
                throw error.expected == Endpoint.configurationForm ? Expected(Self.configurationForm) : error
            }
        }
        guard let endpoint else { return nil }
        self.init(host: endpoint.host, port: Int(endpoint.port))
    }
}

let byteCountForm = "a size such as 500kB, 10MB or 1GB"

/// A size in decimal units.
func byteCount(_ text: String, in range: ClosedRange<Int>) throws(Expected) -> Int {
    let units = ["kB": 1000, "MB": 1_000_000, "GB": 1_000_000_000]
    let digits = text.prefix { $0.isASCIIDigit }
    guard let number = Int(digits), let unit = units[String(text.dropFirst(digits.count))] else {
        throw Expected(byteCountForm)
    }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: unit)
    guard !overflow, range.contains(bytes) else {
        throw Expected("\(range.lowerBound / 1000)kB to \(range.upperBound / 1_000_000_000)GB")
    }
    return bytes
}

/// A template of a line's text.
enum LineTemplate {
    /// Notes the names that a template asks for.
    private final class Asked: MustacheParent {
        var unknown: [String] = []

        func child(named name: String) -> Any? {
            if AlarmField(rawValue: name) == nil { unknown.append(name) }
            return ""
        }
    }

    /// The template, when it can be read and asks for fields that lines have.
    static func checked(_ value: Value) -> String? {
        let expected = "a template such as \"{{priority}} {{alarm}}: {{text}}\""
        guard let text = value.text(expected) else { return nil }
        guard !text.contains(where: \.isNewline) else {
            value.reject(found: "several lines", expected: expected)
            return nil
        }
        // Parts of other templates: there are none, and they would be left out in silence.
        guard !["{{>", "{{<", "{{$"].contains(where: { text.contains($0) }) else {
            value.reject(expected: "\(expected), of fields alone")
            return nil
        }
        guard let template = try? MustacheTemplate(string: text) else {
            value.reject(expected: "\(expected), each {{ with its }} and each {{#field}} with its {{/field}}")
            return nil
        }
        let asked = Asked()
        _ = template.render(asked)
        let names = AlarmField.allCases.map(\.rawValue)
        if let unknown = asked.unknown.first {
            value.reject(found: "{{\(unknown)}}", expected: names.asChoice(near: unknown))
            return nil
        }
        return text
    }
}
