import Foundation
import TestSupport

/// A line as a reader gets it.
struct ToldLine: Decodable, Equatable {
    var what: String
    var seq: Int64?
    var id: String?
    var occ: Int?
    var state: String?
    var text: String?
    var dup: Bool?
    var unjournalled: Bool?
    /// Of a gap or a digest.
    var from: Int64?
    var to: Int64?
    var lost: Int?
    var count: Int?
    var test: Bool?

    init(_ line: some StringProtocol) throws {
        do {
            self = try JSONDecoder().decode(ToldLine.self, from: Data(line.utf8))
        } catch {
            throw TestFailure("no line of JSON: \(line.prefix(300))")
        }
    }

    /// Something from the journal: no heartbeat, snapshot, gap, digest or test.
    var isEvent: Bool { (seq ?? 0) > 0 && !["heartbeat", "snapshot", "gap", "digest", "test"].contains(what) }

    /// All lines of a file, which may not be there yet.
    static func all(in path: String) throws -> [ToldLine] {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return try text.split(separator: "\n").map { try ToldLine($0) }
    }
}

extension [ToldLine] {
    var events: [ToldLine] { filter(\.isEvent) }

    /// What is wrong for a sink that acknowledges and should have got these events at least once, in order, with each
    /// repeat marked.
    func problems(expecting wanted: [Int64]) -> [String] {
        var problems: [String] = []
        var seen: Set<Int64> = []
        var newest: Int64 = 0
        for line in events {
            let sequence = line.seq ?? 0
            if seen.insert(sequence).inserted {
                if sequence < newest { problems.append("\(sequence) came first after \(newest)") }
                newest = Swift.max(newest, sequence)
            } else if line.dup != true {
                problems.append("\(sequence) came again without a mark")
            }
        }
        let missing = wanted.filter { !seen.contains($0) }
        if !missing.isEmpty { problems.append("missing: \(missing)") }
        return problems
    }
}
