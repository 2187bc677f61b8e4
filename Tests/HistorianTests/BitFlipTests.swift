import Archive
import Foundation
import Plant
import Store
import TestSupport
import Testing

import struct Archive.StoredReading

@testable import Historian

/// Single bits that change on the disk. What is sealed carries checksums: no flip may ever turn into another number.
@Suite("Flipped bits")
struct BitFlipTests {
    /// The bytes of a settled history, and what lies where.
    final class Specimen {
        let scratch: Scratch
        let history: WrittenHistory
        let bytes: [UInt8]
        let readings: [String: [StoredReading]]
        /// Names of tables and indexes by page, from 1.
        let owners: [Int: String]

        init() throws {
            scratch = try Scratch()
            history = try WrittenHistory(scratch.history, spans: 12)
            try history.settle()
            bytes = try Array(Data(contentsOf: URL(fileURLWithPath: history.path)))
            readings = try WrittenHistory.everything(history.path)
            let lines = try Program(
                "/usr/bin/sqlite3", ["-readonly", "-separator", " ", history.path, "SELECT pageno, name FROM dbstat"]
            ).exit().output.split(separator: "\n")
            let pairs = lines.map { line -> (Int, String) in
                let parts = line.split(separator: " ")
                return (Int(parts[0]) ?? 0, String(parts[1]))
            }
            owners = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
            try #require(owners.count == bytes.count / 4096)
        }

        /// A file of its own with one bit changed.
        func flipped(_ byte: Int, bit: Int) throws -> String {
            var changed = bytes
            changed[byte] ^= 1 << bit
            let path = scratch.path + "/flipped.db"
            for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
            try Data(changed).write(to: URL(fileURLWithPath: path))
            return path
        }

        func owner(_ byte: Int) -> String { owners[byte / 4096 + 1] ?? "" }

        /// Tags whose readings came back without an error, and not as they were.
        func silentlyChanged(_ path: String) -> [String] {
            guard let connection = try? PlainConnection.reader(path).0, let archive = try? Archive(connection.handle),
                let tags = try? archive.tags()
            else { return [] }
            return tags.compactMap { tag in
                do {
                    let cursor = try archive.readings(of: tag, from: 0, to: .max)
                    var found: [StoredReading] = []
                    while let reading = try cursor.next() { found.append(reading) }
                    return found == readings[tag.name] ? nil : tag.name
                } catch {
                    return nil
                }
            }
        }
    }

    static let seed: UInt64 = 20_260_103
    /// The tables in which readings are sealed, with the index that finds them.
    static let sealed: Set<String> = ["chunk", "span", "span_time"]

    /// Readers: a flip among sealed readings is an error, or nothing; never another number. A reading may be missing
    /// where a key or a bound has changed, and then verify says so.
    @Test func noSealedReadingEverComesBackChanged() throws {
        let specimen = try Specimen()
        var random = SeededRandom(seed: BitFlipTests.seed)
        let pages = specimen.owners.filter { BitFlipTests.sealed.contains($0.value) }.keys.sorted()
        var (silent, missed) = (0, 0)
        for round in 0..<300 {
            let byte = (random.pick(pages) - 1) * 4096 + Int(random.next() % 4096)
            let path = try specimen.flipped(byte, bit: Int(random.next() % 8))
            let place: Comment = "seed \(BitFlipTests.seed), round \(round), byte \(byte) of \(specimen.owner(byte))"
            let changed = specimen.silentlyChanged(path)
            let findings = try Verify(path: path, depth: .whole).history().findings
            for tag in changed {
                silent += 1
                // Nothing invented: what came back is a part of what was written.
                let came = try readings(of: tag, in: path)
                #expect(Set(came).isSubset(of: specimen.readings[tag] ?? []), place)
                #expect(!findings.isEmpty, place)
            }
            if findings.isEmpty { missed += 1 }
        }
        // Free space and the bytes of unused numbers: harmless, as the readings show.
        #expect(missed < 300 && silent < 30, "\(missed) flips without a finding, \(silent) tags with readings missing")
    }

    private func readings(of name: String, in path: String) throws -> [StoredReading] {
        let connection = try PlainConnection.reader(path).0
        let archive = try Archive(connection.handle)
        let tag = try #require(try archive.tag(named: name))
        let cursor = try archive.readings(of: tag, from: 0, to: .max)
        var found: [StoredReading] = []
        while let reading = try cursor.next() { found.append(reading) }
        return found
    }

    /// Everywhere: whatever changes what readers get is found, except in rows that are not sealed yet, whose texts
    /// carry no checksum, and in names that no layout repeats.
    @Test func whatVerifyDoesNotFindIsHarmlessOutsideOfUnsealedRows() throws {
        let specimen = try Specimen()
        var random = SeededRandom(seed: BitFlipTests.seed + 1)
        var unfound: [String: Int] = [:]
        for round in 0..<300 {
            let byte = Int(random.next() % UInt64(specimen.bytes.count))
            let owner = specimen.owner(byte)
            let path = try specimen.flipped(byte, bit: Int(random.next() % 8))
            let report = try Verify(path: path, depth: .whole).history()
            let changed = specimen.silentlyChanged(path)
            guard report.findings.isEmpty, !changed.isEmpty else { continue }
            unfound[owner, default: 0] += 1
            let isOpen = ["hot", "waiting", "tag", "slot", "layout", "scan_group"].contains(owner)
            #expect(isOpen, "seed \(BitFlipTests.seed + 1), round \(round), byte \(byte) of \(owner): \(changed)")
        }
        #expect(unfound.values.reduce(0, +) < 100, "\(unfound)")
    }

    /// Every single bit of one chunk's data.
    @Test func everyBitOfAChunkIsCovered() throws {
        let specimen = try Specimen()
        let connection = try PlainConnection(specimen.history.path, .reading)
        let statement = try connection.statement("SELECT data FROM chunk WHERE key = 5 << 36 | 4")
        _ = try statement.step()
        let data = Array(statement.bytes(0))
        statement.reset()
        let place = try #require(specimen.bytes.indices.first { specimen.bytes[$0...].starts(with: data) })
        for byte in stride(from: place, to: place + data.count, by: 7) {
            for bit in 0..<8 {
                let path = try specimen.flipped(byte, bit: bit)
                #expect(specimen.silentlyChanged(path) == [])
                let findings = try Verify(path: path, depth: .quick).history().findings
                #expect(findings.map(\.kind) == [.damaged] && findings.first?.subject == "C2.level")
            }
        }
    }
}
