import Chunks
import Plant
import Testing

@testable import Archive

@Suite("Damage is told, and never read")
struct DamageTests {
    private func fixture() throws -> HistoryFixture {
        let fixture = try HistoryFixture()
        try fixture.tag(1, "a.flow", type: .uint16)
        try fixture.group(1, "A/fast")
        try fixture.layout(1, of: 1, [FixtureSlot(tag: 1, type: .uint16)])
        try fixture.span(
            (0..<20 as Range<Int64>).map { index in
                FixtureRow(
                    group: 1, layout: 1, time: 10_000 + index * 1000, sequence: UInt64(index + 1), ordinal: index + 1,
                    samples: [FixtureSample(bits: UInt64(index * 7))])
            })
        return fixture
    }

    private func read(_ fixture: HistoryFixture) throws {
        let archive = try fixture.archive()
        let tag = try #require(try archive.tag(named: "a.flow"))
        let cursor = try archive.readings(of: tag, from: .min, to: .max)
        while try cursor.next() != nil {}
    }

    @Test(arguments: [
        ("UPDATE chunk SET crc = crc + 1", "a.flow", "the checksum is wrong"),
        ("DELETE FROM chunk", "a.flow", "its chunk is missing"),
        ("UPDATE chunk SET data = zeroblob(length(data))", "a.flow", "the checksum is wrong"),
        ("UPDATE span SET crc = crc + 1", nil, "the checksum of its times is wrong"),
    ])
    func anErrorNamesTagAndTime(sql: String, tag: String?, detail: String) throws {
        let fixture = try fixture()
        try fixture.execute(sql)
        #expect(throws: ArchiveError.damagedChunk(tag: tag, from: 10_000, to: 29_000, detail: detail)) {
            try read(fixture)
        }
    }

    /// Its checksum is right, but the bytes say nothing.
    @Test func bytesThatDecodeToNothing() throws {
        let fixture = try fixture()
        let key: Int64 = 1 << 36 | 1
        let bytes: [UInt8] = [0xFF, 0xFF, 0xFF]
        let crc = bytes.withUnsafeBytes { CRC32C.of(key: key, $0) }
        try fixture.execute("UPDATE chunk SET data = x'FFFFFF', crc = \(crc)")
        #expect(throws: ArchiveError.self) { try read(fixture) }
    }

    @Test func anotherSchemaIsNamed() throws {
        let fixture = try fixture()
        try fixture.execute("DELETE FROM grdb_migrations WHERE identifier = '2 sealed'")
        #expect(throws: ArchiveError.schema(found: "1 scans", expected: "2 sealed")) { try fixture.archive() }
        try fixture.execute("PRAGMA application_id = 7")
        #expect(throws: ArchiveError.notAHistory(detail: "application_id 7, expected \(Archive.applicationID)")) {
            try fixture.archive()
        }
    }
}
