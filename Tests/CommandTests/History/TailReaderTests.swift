import Archive
import Testing

@testable import cupel

struct TailReaderTests {
    static let tags = [StoredTag.analog(1, "A"), .analog(2, "B")]

    static func history(_ a: [Int64], _ b: [Int64]) -> MadeUpHistory {
        MadeUpHistory([(tags[0], a.map { .good($0, 1) }), (tags[1], b.map { .good($0, 2) })])
    }

    static func text(_ readings: [TailReader<MadeUpHistory>.Reading]) -> String {
        readings.map { "\($0.tag.name)\($0.reading.time)" }.joined(separator: " ")
    }

    @Test(arguments: [(0, ""), (1, "B5"), (3, "B2 A4 B5"), (4, "A2 B2 A4 B5"), (100, "A1 B1 A2 B2 A4 B5")])
    func beginsWithTheNewestOfAllTags(lines: Int, expected: String) throws {
        var tail = TailReader(source: Self.history([1, 2, 4], [1, 2, 5]), tags: Self.tags)
        #expect(try Self.text(tail.newest(lines)) == expected)
        #expect(try Self.text(tail.next()) == "")
    }

    @Test func givesEachNewReadingOnce() throws {
        var tail = TailReader(source: Self.history([1], []), tags: Self.tags)
        _ = try tail.newest(10)
        tail.goOn(with: Self.history([1, 7, 9], [3, 8]), Self.tags)
        #expect(try Self.text(tail.next()) == "B3 A7 B8 A9")
        #expect(try Self.text(tail.next()) == "")
        // What was imported before the newest reading is not news.
        tail.goOn(with: Self.history([1, 5, 7, 9, 10], [3, 8]), Self.tags)
        #expect(try Self.text(tail.next()) == "A10")
    }

    @Test func followsATagThatAppears() throws {
        var tail = TailReader(source: Self.history([1], []), tags: [Self.tags[0]])
        _ = try tail.newest(10)
        tail.goOn(with: Self.history([1], [4]), Self.tags)
        #expect(try Self.text(tail.next()) == "B4")
    }
}
