import FoundationEssentials
import Plant

/// Lines that no event made.
extension AlarmLine {
    /// Bytes of a digest's list of alarms: with the numbers of all and everything around it, below what a line may have.
    private static let digestBytes = 1500

    private struct GapBody: Encodable {
        var what = "gap"
        var from: Int64?
        var to: Int64?
        var lost: Int
    }

    private struct DigestBody: Encodable {
        var what = "digest"
        var plant: String
        var boot: String
        var count: Int
        /// The numbers of its events, by which a receiver knows those that it had.
        var seqs: [Int64]
        var priority: String
        var t: String
        var text: String
        var dup: Bool
    }

    private struct TestBody: Encodable {
        var what = "test"
        var test = true
        var plant: String
        var sink: String
        var t: String
        var text: String
        var who: String
    }

    /// Tells a reader how many lines it will never see, between two sequence numbers as far as they had any.
    public static func gap(from: Int64?, to: Int64?, lost: Int) -> AlarmLine {
        let range = if let from, let to { ", sequence \(from) to \(to)" } else { "" }
        return AlarmLine(
            kind: .gap, sequence: 0, json: json(GapBody(from: from, to: to, lost: lost)),
            text: "GAP \(lost) events lost\(range): see `cupel alarms history`\n", severity: 4, rank: 3,
            announces: true,
            fields: [.what: "gap", .text: "\(lost) events lost\(range): see `cupel alarms history`"])
    }

    /// Several lines in one, for a sink that must not be told too often.
    static func digest(of lines: [AlarmLine]) -> AlarmLine {
        // What only shows a state goes with it, and is nothing to tell.
        let (members, lines) = (lines, lines.filter { $0.kind != .state })
        let rank = lines.map(\.rank).max() ?? 0
        let priority = Priority.allCases[min(max(rank, 0), Priority.allCases.count - 1)]
        var list: [String] = []
        var room = digestBytes
        for line in lines {
            let name = line.fields[.alarm] ?? line.fields[.what] ?? ""
            let word = "\(line.fields[.what] ?? "") \(name)"
            room -= word.utf8.count + 2
            guard room >= 0 else { break }
            list.append(word)
        }
        let more = lines.count - list.count
        let text = "\(lines.count) events: \(list.joined(separator: ", "))" + (more > 0 ? " and \(more) more" : "")
        let sequences = lines.map(\.sequence).filter { $0 > 0 }
        let isRepeat = lines.contains { $0.isRepeat }
        var fields: [AlarmField: String] = [.what: "digest", .text: text, .priority: priority.rawValue]
        fields[.plant] = lines.last?.fields[.plant] ?? ""
        fields[.boot] = lines.last?.fields[.boot] ?? ""
        fields[.dup] = isRepeat ? "dup" : nil
        let time = lines.last?.time ?? 0
        let body = DigestBody(
            plant: fields[.plant] ?? "", boot: fields[.boot] ?? "", count: lines.count, seqs: sequences,
            priority: priority.rawValue, t: UTCTime.text(time), text: text, dup: isRepeat)
        return AlarmLine(
            kind: .digest, sequence: members.map(\.sequence).max() ?? 0, json: json(body), text: "DIGEST \(text)\n",
            severity: lines.map(\.severity).min() ?? 5, rank: rank, announces: true, fields: fields, time: time,
            committed: lines.last?.committed, members: members)
    }

    /// Marked as a test wherever somebody might take it for an alarm.
    public static func test(of sink: String, plant: String, who: String, at time: Int64) -> AlarmLine {
        let text = "TEST of sink \(sink) by \(who): no alarm, nothing to do"
        return AlarmLine(
            kind: .test, sequence: 0,
            json: json(
                TestBody(plant: plant, sink: sink, t: UTCTime.text(time), text: text, who: who)),
            text: "\(UTCTime.text(time)) \(text)\n", severity: 5, rank: 0, announces: true,
            fields: [
                .what: "test", .text: text, .plant: plant, .who: who, .time: UTCTime.text(time),
                .priority: Priority.low.rawValue,
            ], time: time)
    }

    static func json(_ body: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Text and whole numbers always encode.
        guard let data = try? encoder.encode(body) else { return "{\"what\":\"unencodable\"}\n" }
        return String(decoding: data, as: UTF8.self) + "\n"
    }
}
