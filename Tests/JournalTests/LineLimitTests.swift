import Detection
import Plant
import TestSupport
import Testing

@testable import Journal

/// PIPE_BUF of Linux is 4096 bytes: a line that is longer may be torn by another writer's.
@Suite struct LineLimitTests {
    /// Texts that are long, and longer still once escaped.
    @Test(arguments: ["x", "\"", "\u{1}", "한", "👩‍🏭"])
    func `a line always fits into a pipe, and keeps its number`(unit: String) throws {
        for count in [10, 500, 1000, 4000, 20_000] {
            var notice = AlarmNotice.sample(text: String(repeating: unit, count: count))
            notice.seq = .max
            for text in LineLimitTests.prose { notice[keyPath: text] = notice.text }
            try expectFits(notice, "\(unit) x \(count)")
            for name in LineLimitTests.names { notice[keyPath: name] = notice.text }
            for word in LineLimitTests.words { notice[keyPath: word] = notice.text }
            (notice.id, notice.plant, notice.boot, notice.what) = (notice.text, notice.text, notice.text, notice.text)
            (notice.occ, notice.rev, notice.definition, notice.responseSeconds) = (.max, .max, .max, .max)
            (notice.value, notice.figure, notice.limit) = (-.pi * 1e-300, -.pi * 1e-300, -.pi * 1e-300)
            notice.until = 253_402_300_799_999
            try expectFits(notice, "all \(unit) x \(count)")
        }
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func `whatever the texts are`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        func text(_ longest: UInt64) -> String {
            let pieces = ["x", "\"", "\\", "\u{1}", "\n", "한", "é", "👩‍🏭", " ", "\u{7f}"]
            return (0..<random.next() % longest).map { _ in random.pick(pieces) }.joined()
        }
        var notice = AlarmNotice.sample(text: text(3000))
        notice.seq = .max
        for path in LineLimitTests.prose { notice[keyPath: path] = random.chance(70) ? text(3000) : nil }
        for path in LineLimitTests.names { notice[keyPath: path] = random.chance(50) ? text(600) : nil }
        (notice.id, notice.plant, notice.boot) = (text(200), text(200), text(200))
        try expectFits(notice, "seed \(seed)")
    }

    @Test func `what an operator needs is clipped last`() throws {
        var notice = AlarmNotice.sample(text: String(repeating: "x", count: 500))
        for path in LineLimitTests.prose { notice[keyPath: path] = String(repeating: "y", count: 900) }
        notice.cause = String(repeating: "c", count: 3000)
        let read = try AlarmNotice(jsonLine: notice.jsonLine())
        #expect(read.text == notice.text && read.guidance == notice.guidance && read.why == notice.why)
        #expect(read.id == notice.id && read.cause != notice.cause)
    }

    @Test func `no word of our own is ever clipped`() {
        let words =
            AlarmEvent.What.allCases.map(\.rawValue) + DaemonEvent.allCases.map(\.rawValue)
            + AlarmLevel.allCases.map(\.rawValue) + Quality.all.map(\.name)
        #expect(words.allSatisfy { $0.utf8.count <= AlarmNotice.wordLimit })
    }

    static let prose = [
        \AlarmNotice.guidance, \.why, \.detail, \.cause, \.consequence,
    ]
    static let names = [\AlarmNotice.tag, \.unit, \.who, \.alarmClass, \.afterScan]
    static let words = [\AlarmNotice.state, \.priority, \.level, \.quality, \.firstOut, \.told]

    private func expectFits(_ notice: AlarmNotice, _ what: String) throws {
        let line = notice.jsonLine()
        #expect(line.utf8.count <= 4096, "\(what)")
        #expect(line.hasSuffix("}\n") && !line.dropLast().contains("\n"), "\(what)")
        let read = try AlarmNotice(jsonLine: line)
        #expect(read.seq == .max && read.occ == notice.occ && read.value == notice.value, "\(what)")
        #expect(read.figure == notice.figure && read.until == notice.until, "\(what)")
        #expect(read.definition == notice.definition && notice.id.hasPrefix(read.id.prefix(3)), "\(what)")
    }
}
