import Archive
import Foundation
import Plant
import TestSupport
import Testing

@testable import Historian

@Suite("Buckets of a history")
struct BucketTests {
    @Test func throughTheDatabase() throws {
        let rig = try Rig(.small())
        let start = rig.clock.now
        for value in 0..<120 {
            rig.scan(1, [.int(Int64(value))])
            rig.clock.advance(milliseconds: 1000)
        }
        rig.loop.pass()
        var found: [Bucket] = []
        try rig.reader().buckets(tag: "C2.level", from: start + 30_000, to: start + 120_000, every: .seconds(60)) {
            found.append($0)
        }
        #expect(found.map(\.start) == [start, start + 60_000])
        #expect(found.map(\.count) == [30, 60])
        #expect(found.map(\.first) == [30, 60])
        // A line between two readings; the last one stands for a period.
        #expect(found.map(\.mean) == [45, 5399.5 / 60])
        // The simple mean of the same rows, by SQL.
        let rows = try shell(
            rig.path, "SELECT avg(value) FROM recent WHERE tag = 'C2.level' AND time >= \(start + 60_000)")
        #expect(rows == [["89.5"]])
    }
}
