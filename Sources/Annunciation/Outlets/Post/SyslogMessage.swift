import Plant

/// A line as RFC 5424 has it, counted as RFC 6587 3.4.1 asks: `112 <129>1 2026-01-03T10:00:00.123Z host cupel 812 raise
/// [alarm@32473 ...][meta sequenceId="1"] ...`.
struct SyslogMessage {
    /// local0: of the facilities that RFC 5424 leaves to the site. `daemon` would mix a plant's alarms with what every
    /// service on the machine says; with local0 a collector's one rule puts them apart.
    static let facility = 16
    /// Private enterprise number for documentation (RFC 5612): the project has none of its own.
    static let enterprise = 32_473
    /// Bytes of a message. Receivers should take 8 192 (RFC 5425 4.3.1), and rsyslog cuts there.
    static let limit = 8192
    /// Bytes of one value of the structured data: with all of them and each byte escaped there is room for a sentence.
    private static let valueLimit = 200

    /// The fields that say which alarm, and how it stands, with their names in the structured data.
    private static let fields: [(AlarmField, String)] = [
        (.alarm, "id"), (.occurrence, "occ"), (.revision, "rev"), (.sequence, "seq"), (.boot, "boot"),
        (.what, "what"), (.state, "state"), (.priority, "priority"), (.level, "level"), (.tag, "tag"),
        (.value, "value"), (.unit, "unit"), (.quality, "quality"), (.plant, "plant"), (.who, "who"), (.dup, "dup"),
    ]

    let line: AlarmLine
    let host: String
    let process: Int32
    /// 1...2147483647, one more for each message: a collector sees what it missed (RFC 5424 7.3.1).
    let number: Int32

    /// The whole frame.
    var bytes: [UInt8] {
        let priority = SyslogMessage.facility * 8 + min(max(line.severity, 0), 7)
        let time = line.time > 0 ? UTCTime.text(line.time) : "-"
        let head =
            "<\(priority)>1 \(time) \(SyslogMessage.word(host, 255)) cupel \(process) "
            + "\(SyslogMessage.word(line.fields[.what] ?? "", 32)) \(data) "
        // The byte order mark says that the text is UTF-8.
        var message = Array(head.utf8) + [0xEF, 0xBB, 0xBF]
        message += line.text.onOneLine.trimmed.utf8Prefix(SyslogMessage.limit - message.count)
        return Array("\(message.count) ".utf8) + message
    }

    private var data: String {
        let values = SyslogMessage.fields.compactMap { field, name in
            line.fields[field].map { " \(name)=\"\(SyslogMessage.escaped($0))\"" }
        }
        let alarm = values.isEmpty ? "" : "[alarm@\(SyslogMessage.enterprise)\(values.joined())]"
        return "\(alarm)[meta sequenceId=\"\(number)\"]"
    }

    /// What may not stand in a value by itself gets a backslash (RFC 5424 6.3.3).
    private static func escaped(_ value: String) -> String {
        String(decoding: value.onOneLine.utf8Prefix(valueLimit), as: UTF8.self).map { character in
            "\"\\]".contains(character) ? "\\\(character)" : String(character)
        }.joined()
    }

    /// A word of the header: visible ASCII; `-` for nothing.
    private static func word(_ text: String, _ limit: Int) -> String {
        let word = String(text.filter { $0.isASCII && !$0.isWhitespace && ($0.asciiValue ?? 0) > 32 }.prefix(limit))
        return word.isEmpty ? "-" : word
    }
}

extension String {
    /// At most so many bytes of UTF-8, no scalar torn.
    fileprivate func utf8Prefix(_ limit: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for scalar in unicodeScalars {
            let next = Array(String(scalar).utf8)
            guard bytes.count + next.count <= limit else { break }
            bytes += next
        }
        return bytes
    }
}
