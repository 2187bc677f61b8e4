import FoundationEssentials
import Plant

extension AlarmNotice {
    /// PIPE_BUF of Linux: a pipe takes a line up to this long whole or not at all.
    public static let lineLimit = 4096
    /// No single text but `text` and `guidance` needs more. Escaped it is six times as long at worst, and seven of them
    /// still fit into a line.
    static let nameLimit = 64

    /// One JSON object with its newline, at most `lineLimit` bytes, keys in alphabetical order. What does not fit is
    /// taken off `text` and `guidance` first.
    public func jsonLine() -> String {
        let whole = encoded()
        if whole.utf8.count < AlarmNotice.lineLimit { return whole + "\n" }
        var cut = self
        for limit in [1024, 512, 256, 128, 64, 0] {
            cut.text = text.clipped(to: limit)
            cut.guidance = guidance?.clipped(to: limit)
            let line = cut.encoded()
            if line.utf8.count < AlarmNotice.lineLimit { return line + "\n" }
        }
        cut.plant = plant.clipped(to: AlarmNotice.nameLimit)
        cut.boot = boot.clipped(to: AlarmNotice.nameLimit)
        cut.id = id.clipped(to: AlarmNotice.nameLimit)
        cut.tag = tag?.clipped(to: AlarmNotice.nameLimit)
        cut.unit = unit?.clipped(to: AlarmNotice.nameLimit)
        cut.who = who?.clipped(to: AlarmNotice.nameLimit)
        cut.what = what.clipped(to: AlarmNotice.nameLimit)
        return cut.encoded() + "\n"
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
        if let quality, quality != Quality.good.name, level != AlarmLevel.comms.rawValue {
            words.append("(\(quality))")
        }
        if state == nil, let who { words.append("by \(who)") }
        if unjournalled { words.append("[not journalled]") }
        // A line break in a configured text would make two lines of one event.
        return words.joined(separator: " ").map { $0.isNewline ? " " : String($0) }.joined() + "\n"
    }

    /// The level where an operator must look, else what happened.
    private var headline: String {
        let word = what == "raise" || what == "level-up" ? level ?? what : what
        return word.uppercased()
    }
}

extension String {
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
