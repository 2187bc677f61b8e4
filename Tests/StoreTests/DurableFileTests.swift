import Foundation
import Glibc
import Testing

@testable import Store

@Suite("Files on the disk")
struct DurableFileTests {
    @Test func aCopyHasTheBytesAndTheModeOfItsModel() throws {
        let yard = try OnlineBackupTests.Yard(rows: 1)
        let (source, target) = (yard.path + "/source", yard.path + "/target")
        // More than a block, and no multiple of it.
        let bytes = Data((0..<(1 << 20) + 77).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        try bytes.write(to: URL(fileURLWithPath: source))
        chmod(source, 0o640)
        var told: [Int64] = []
        try DurableFile.copy(source, to: target) { told.append($0) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: target)) == bytes)
        #expect(told == [1 << 20, Int64(bytes.count)])
        var status = stat()
        #expect(stat(target, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o640)
        #expect(throws: StoreError.self) { try DurableFile.copy(source, to: target) }
    }

    @Test func aSmallFileReplacesItsFormerSelf() throws {
        let yard = try OnlineBackupTests.Yard(rows: 1)
        let path = yard.path + "/small"
        try DurableFile.write(Array("one, and longer".utf8), to: path)
        try DurableFile.write(Array("two".utf8), to: path)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "two")
        #expect(!DurableFile.exists(path + ".writing"))
    }

    @Test func whatIsNotThereIsToldAsSuch() {
        #expect(DurableFile.bytes("/nonexistent/a") == nil)
        #expect(throws: StoreError.missing(path: "/nonexistent/a")) { try DurableFile.sync("/nonexistent/a") }
        #expect(throws: StoreError.missing(path: "/nonexistent/a")) {
            try DurableFile.copy("/nonexistent/a", to: "/tmp/b")
        }
        #expect(throws: StoreError.missing(path: "/nonexistent/a/b.writing")) {
            try DurableFile.write([1], to: "/nonexistent/a/b")
        }
    }
}
