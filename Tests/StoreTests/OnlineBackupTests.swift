import Foundation
import GRDB
import Testing

@testable import Store

@Suite("Copies of a held moment")
struct OnlineBackupTests {
    /// A directory that goes away with its owner, with a database in WAL mode.
    final class Yard {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("store-\(UUID())").path
        let writer: DatabaseQueue
        var database: String { path + "/a.db" }
        var copy: String { path + "/copy.db" }

        init(rows: Int) throws {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            writer = try DatabaseQueue(path: path + "/a.db")
            try writer.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA journal_mode = WAL; CREATE TABLE row(id INTEGER PRIMARY KEY, text)")
                try database.execute(
                    sql: """
                        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(rows))
                        INSERT INTO row(text) SELECT hex(randomblob(500)) FROM n
                        """)
                try database.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            }
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func commit() throws {
            try writer.write {
                try $0.execute(sql: "INSERT INTO row(text) VALUES ('later'); UPDATE row SET text = 'x'")
            }
        }
    }

    @Test func commitsMeanwhileNeitherRestartItNorGetIntoIt() throws {
        let yard = try Yard(rows: 6000)
        let backup = try OnlineBackup(of: yard.database)
        var steps = 0
        var restarts = 0
        var log: [Int64] = []
        var failure: (any Error)?
        try backup.copy(to: yard.copy) { progress in
            steps += 1
            restarts = max(restarts, progress.restarts)
            log.append(progress.logBytes)
            // Every page changes, between every two steps.
            // Not for ever: a copy that begins again each time must fail, not hang.
            do { if steps < 100 { try yard.commit() } } catch { failure = error }
        }
        #expect(failure == nil)
        #expect(steps > 3)
        #expect(restarts == 0)
        // The log grows while the moment is held.
        #expect(log == log.sorted() && log.first != log.last)
        let copy = try DatabaseQueue(path: yard.copy)
        let (rows, changed) = try copy.read { database in
            (
                try Int.fetchOne(database, sql: "SELECT count(*) FROM row"),
                try Int.fetchOne(database, sql: "SELECT count(*) FROM row WHERE length(text) < 1000")
            )
        }
        #expect(rows == 6000)
        #expect(changed == 0)
    }

    @Test func aCopyIsWholeWithoutALog() throws {
        let yard = try Yard(rows: 10)
        try OnlineBackup(of: yard.database).copy(to: yard.copy) { _ in }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: yard.path).filter { $0.hasPrefix("copy") } == [
                "copy.db"
            ])
        // Bytes 18 and 19 of the header: 1 is a rollback journal, 2 a log.
        let header = try Data(contentsOf: URL(fileURLWithPath: yard.copy)).prefix(20)
        #expect(Array(header.suffix(2)) == [1, 1])
        // A directory that nobody may write, as on a read-only medium.
        let (reader, leavesOutLog) = try PlainConnection.reader(yard.copy)
        #expect(!leavesOutLog)
        #expect(try reader.integer("SELECT count(*) FROM row") == 10)
    }

    @Test func theMomentIsThatOfOpening() throws {
        let yard = try Yard(rows: 10)
        let backup = try OnlineBackup(of: yard.database)
        try yard.commit()
        #expect(try backup.integer("SELECT count(*) FROM row") == 10)
        try backup.copy(to: yard.copy) { _ in }
        let copy = try PlainConnection(yard.copy, .reading)
        #expect(try copy.integer("SELECT count(*) FROM row WHERE text <> 'x'") == 10)
    }

    @Test func theLogCanBeEmptiedOnceItIsCopied() throws {
        let yard = try Yard(rows: 100)
        let backup = try OnlineBackup(of: yard.database)
        try yard.commit()
        func isEmptied() throws -> Bool {
            try yard.writer.writeWithoutTransaction { database in
                let row = try Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(PASSIVE)")
                let (log, done): (Int, Int) = (row?[1] ?? 0, row?[2] ?? 0)
                return log == done
            }
        }
        #expect(try !isEmptied())
        try backup.copy(to: yard.copy) { _ in }
        #expect(try isEmptied())
    }

    @Test func anExistingFileIsNotOverwritten() throws {
        let yard = try Yard(rows: 1)
        try Data("mine".utf8).write(to: URL(fileURLWithPath: yard.copy))
        #expect(throws: StoreError.self) { try OnlineBackup(of: yard.database).copy(to: yard.copy) { _ in } }
        #expect(try Data(contentsOf: URL(fileURLWithPath: yard.copy)) == Data("mine".utf8))
    }

    @Test func aFileThatIsNotThereIsToldAsSuch() {
        #expect(throws: StoreError.self) { try OnlineBackup(of: "/nonexistent/a.db") }
    }
}
