import GRDB
import Plant
import TestSupport
import Testing

@testable import Historian

/// Somebody's forgotten shell: a read transaction that stays open.
@Suite
struct LongReaderTests {
    @Test func theLogGrowsNoFurtherOnceAReaderHasEnded() throws {
        let slots = (0..<8).map { SlotSpec(name: "note\($0)", type: .string(registers: 120)) }
        let rig = try Rig(.test([slots]))
        let note = Sample.string(String(repeating: "x", count: 240))
        func commit() {
            for _ in 0..<200 {
                rig.clock.advance(milliseconds: 100)
                rig.scan(0, slots.map { _ in note })
            }
            rig.loop.pass()
        }
        commit()
        let reader = try Self.lockedReader(rig.path)
        // No checkpoint can take the log back to its front, which would be every 16 MB.
        let limit = Int64(HistoryStore.checkpointPages) * 4096 * 5 / 4
        var commits = 0
        while rig.store.logBytes < limit, commits < 1000 {
            commit()
            commits += 1
        }
        #expect(rig.store.logBytes >= limit)
        #expect(rig.board.status.failures == 0)
        try reader.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
        commit()
        let length = rig.store.logBytes
        for _ in 0..<commits { commit() }
        #expect(rig.store.logBytes == length)
        #expect(rig.board.status.failures == 0)
    }

    static func lockedReader(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "BEGIN")
            _ = try Int.fetchOne(database, sql: "SELECT count(*) FROM hot")
        }
        return queue
    }
}
