import Foundation
import Testing

@testable import Store

@Suite("Connections to files that may be damaged")
struct PlainConnectionTests {
    private func cut(_ yard: OnlineBackupTests.Yard, _ bytes: Int) throws {
        let url = URL(fileURLWithPath: yard.copy)
        try OnlineBackup(of: yard.database).copy(to: yard.copy) { _ in }
        let all = try Data(contentsOf: url)
        try all.prefix(all.count - bytes).write(to: url)
    }

    @Test(arguments: [4096, 4096 * 10, 100])
    func aCutFileIsRefusedByReadersAndNotBySalvagers(bytes: Int) throws {
        let yard = try OnlineBackupTests.Yard(rows: 500)
        try cut(yard, bytes)
        if bytes >= 4096 {
            let error = try #require(throws: StoreError.self) { try PlainConnection.reader(yard.copy) }
            #expect(error.isDamage)
        }
        let connection = try PlainConnection.salvager(yard.copy).0
        #expect(try connection.integer("SELECT id FROM row WHERE id = 1") == 1)
        #expect(try connection.integer("SELECT count(*) FROM (SELECT text FROM row LIMIT 100)") == 100)
    }

    @Test func whatIsNoDatabaseIsRefusedByBoth() throws {
        let yard = try OnlineBackupTests.Yard(rows: 1)
        try Data(repeating: 7, count: 9000).write(to: URL(fileURLWithPath: yard.copy))
        #expect(throws: StoreError.notADatabase(path: yard.copy)) { try PlainConnection.salvager(yard.copy) }
        #expect(DatabaseHeader(of: yard.copy) == nil)
    }

    @Test func aHeaderSaysHowLongItsFileMustBe() throws {
        let yard = try OnlineBackupTests.Yard(rows: 500)
        try cut(yard, 4096 * 3)
        let header = try #require(DatabaseHeader(of: yard.copy))
        #expect(header.pageSize == 4096)
        #expect(header.pages * 4096 == (DurableFile.bytes(yard.copy) ?? 0) + 4096 * 3)
        #expect(DatabaseHeader(of: "/nonexistent") == nil)
    }
}
