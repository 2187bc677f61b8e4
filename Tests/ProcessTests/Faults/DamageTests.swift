import Archive
import Foundation
import Historian
import TestSupport
import Testing

extension Faults {
    /// Files that are not as the daemon left them.
    @Suite(.serialized)
    struct Damage {
        /// A cut-off daemon whose log holds everything since its start.
        ///
        /// - Returns: the times of the scans that it left, as a copy of its files tells them.
        private func cutOff(_ plant: FaultYard) throws -> Set<Int64> {
            let daemon = try plant.daemon()
            try plant.acknowledge(200)
            try plant.kill(daemon)
            let copy = try Plantyard()
            for file in ["", "-wal"] {
                try FileManager.default.copyItem(atPath: plant.yard.history + file, toPath: copy.history + file)
            }
            return Set(try Ledger(copy.history).a.map(\.time))
        }

        /// SQLite says nothing: it takes the log up to the damage, and drops what was committed since.
        @Test func aFlippedBitInTheLogIsNoticedAtTheNextStart() throws {
            let plant = try FaultYard()
            let left = try cutOff(plant)
            try flip(plant.yard.history + "-wal") { $0.count / 2 }
            try startTellsTheLoss(plant, left)
        }

        @Test func aLogRemovedWhileNobodyRanIsNoticedAtTheNextStart() throws {
            let plant = try FaultYard()
            // Something lies in the database itself, so that it is a history still.
            let daemon = try plant.daemon()
            try plant.acknowledge(20)
            try plant.stop(daemon)
            let left = try cutOff(plant)
            unlink(plant.yard.history + "-wal")
            try startTellsTheLoss(plant, left)
        }

        private func startTellsTheLoss(_ plant: FaultYard, _ left: Set<Int64>) throws {
            let daemon = try plant.daemon()
            _ = try eventually("new scans on disk") { try plant.status()?.scans ?? 0 > 20 ? true : nil }
            daemon.signal(SIGTERM)
            #expect(try daemon.exit().status == 0)
            let ledger = try Ledger(plant.yard.history)
            let lost = left.subtracting(ledger.a.map(\.time)).count
            #expect(lost > 0, "the damage lost nothing")
            let told = ledger.events.filter { $0.kind == .lost }
            #expect(told.count == 1)
            #expect(Int(told.first?.attributes["scans"] ?? "") ?? 0 >= lost, "\(told)")
        }

        /// A page that is none any more.
        @Test func aDamagedPageIsFoundByVerify() throws {
            let plant = try FaultYard()
            let daemon = try plant.daemon()
            try plant.acknowledge(200)
            try plant.stop(daemon)
            #expect(try plant.yard.cupel("verify").status == 0)
            let page = try plant.yard.sqlite(
                plant.yard.history, "SELECT min(pageno) FROM dbstat WHERE name = 'hot' AND pagetype = 'leaf'")
            let number = try #require(Int(page))
            // The byte that tells what kind of page it is.
            try flip(plant.yard.history, mask: 0xFF) { _ in (number - 1) * 4096 }
            let verify = try plant.yard.cupel("verify")
            #expect(verify.status == 65, "\(verify.output) \(verify.errors)")
        }

        /// SQLite's pages have no checksums: only the chunk's own can tell.
        @Test func aFlippedBitInAChunkIsFoundAndNeverReturned() throws {
            let plant = try FaultYard(period: 5, commit: 10)
            try sealed(plant)
            let whole = try plant.yard.cupel("query", "X.a", "--from", "-1h")
            #expect(whole.status == 0)
            let hexadecimal = try plant.yard.sqlite(
                plant.yard.history, "SELECT hex(data) FROM chunk ORDER BY length(data) DESC LIMIT 1")
            let data = try #require(bytes(hexadecimal))
            try flip(plant.yard.history) { file in
                let found = try #require(file.firstRange(of: data.prefix(1000)))
                return found.lowerBound + found.count / 2
            }
            let verify = try plant.yard.cupel("verify")
            #expect(verify.status == 65, "\(verify.output) \(verify.errors)")
            let rows = try FaultYard.tags.map { try plant.yard.cupel("query", $0, "--from", "-1h") }
            #expect(rows.contains { $0.status != 0 && !$0.errors.isEmpty })
            // Whatever it handed out before it met the damage was right.
            let right = Set(whole.output.split(separator: "\n"))
            for line in rows[0].output.split(separator: "\n") { #expect(right.contains(line)) }
        }

        /// A history with chunks, ended orderly.
        private func sealed(_ plant: FaultYard) throws {
            let daemon = try plant.daemon()
            // A chunk takes 900 scans of a group at most.
            try plant.acknowledge(1500)
            try plant.stop(daemon)
        }

        private func flip(_ path: String, mask: UInt8 = 1, at place: (Data) throws -> Int) throws {
            let url = URL(fileURLWithPath: path)
            var data = try Data(contentsOf: url)
            data[try place(data)] ^= mask
            try data.write(to: url)
        }

        private func bytes(_ hexadecimal: String) -> Data? {
            let digits = Array(hexadecimal)
            let bytes = stride(from: 0, to: digits.count - 1, by: 2).map {
                UInt8(String(digits[$0..<$0 + 2]), radix: 16)
            }
            return bytes.contains(nil) || bytes.isEmpty ? nil : Data(bytes.compactMap { $0 })
        }
    }
}
