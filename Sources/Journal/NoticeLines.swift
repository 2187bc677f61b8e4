import FoundationEssentials
import Plant

extension AlarmNotice {
    /// PIPE_BUF of Linux: a pipe takes a line up to this long whole or not at all.
    public static let lineLimit = 4096
    /// Bytes that are left of each text when a line does not fit, tried one after the other. With the last, and each
    /// byte escaped to six, everything there is fits into a line.
    private static let textLimits = [1024, 512, 256, 128, 64, 0]
    private static let nameLimits = [64, 32]
    /// For words of our own making. None is longer, so none is ever clipped.
    static let wordLimit = 32

    /// One JSON object with its newline, at most `lineLimit` bytes, keys in alphabetical order. What does not fit is
    /// taken off the rationale first, then the list of sinks it is for, then off the other texts, then off the names.
    public func jsonLine() -> String {
        var line = encoded()
        func fits() -> Bool { line.utf8.count < AlarmNotice.lineLimit }
        var cut = self
        for limit in AlarmNotice.textLimits where !fits() {
            for text in [\AlarmNotice.cause, \.consequence, \.detail] { cut[keyPath: text]?.clip(to: limit) }
            line = cut.encoded()
        }
        if !fits() {
            // Who else gets the line is nothing that its reader needs.
            (cut.onlyTo, cut.notTo) = (nil, nil)
            line = cut.encoded()
        }
        for limit in AlarmNotice.textLimits where !fits() {
            cut.text.clip(to: limit)
            for text in [\AlarmNotice.guidance, \.why] { cut[keyPath: text]?.clip(to: limit) }
            line = cut.encoded()
        }
        for limit in AlarmNotice.nameLimits where !fits() {
            cut.plant.clip(to: limit)
            cut.boot.clip(to: limit)
            cut.id.clip(to: limit)
            for name in [\AlarmNotice.tag, \.unit, \.who, \.alarmClass, \.afterScan] {
                cut[keyPath: name]?.clip(to: limit)
            }
            cut.what.clip(to: AlarmNotice.wordLimit)
            for word in [\AlarmNotice.state, \.priority, \.topPriority, \.level, \.quality, \.firstOut, \.told] {
                cut[keyPath: word]?.clip(to: AlarmNotice.wordLimit)
            }
            line = cut.encoded()
        }
        return line + "\n"
    }

    /// The notice in a line that `jsonLine` wrote.
    public init(jsonLine: String) throws {
        self = try JSONDecoder().decode(AlarmNotice.self, from: Data(jsonLine.utf8))
    }

    private func encoded() -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Text and finite numbers always encode.
        guard let data = try? encoder.encode(self) else { return "{\"what\":\"unencodable\",\"seq\":\(seq)}" }
        return String(decoding: data, as: UTF8.self)
    }

    /// The same for people, with its newline:
    /// `2026-01-03T10:00:00.123Z HIGH_HIGH critical UNACK F-01.melt_temp 1502.3 degC >= 1500 name@12.0`.
    public func textLine() -> String {
        var words = [UTCTime.text(effectiveTime), headline]
        if let priority { words.append(priority) }
        if let state { words.append(state) }
        if !text.isEmpty { words.append(text) }
        if state != nil { words.append("\(id)@\(occ).\(rev)") }
        if let quality, quality != Quality.good.name, level != AlarmLevel.comms.rawValue, !text.contains(quality) {
            words.append("(\(quality))")
        }
        if state == nil, let who { words.append("by \(who)") }
        if unjournalled { words.append("[not journalled]") }
        // A line break in somebody's text would make two lines of one event.
        return words.joined(separator: " ").plainLine + "\n"
    }

    /// The level where an operator must look, else what happened.
    private var headline: String {
        let isNews = ["raise", "level-up", "re-alarm", "raise-exit"].contains(what)
        return (isNews ? level ?? what : what).uppercased()
    }
}

extension String {
    mutating func clip(to limit: Int) { self = clipped(to: limit) }

    /// At most `limit` bytes of UTF-8, whole characters, an ellipsis where something is missing.
    func clipped(to limit: Int) -> String {
        guard utf8.count > limit else { return self }
        let mark = "\u{2026}"
        var room = limit - mark.utf8.count
        guard room >= 0 else { return "" }
        var clipped = ""
        for character in self {
            room -= character.utf8.count
            guard room >= 0 else { break }
            clipped.append(character)
        }
        return clipped + mark
    }
}
