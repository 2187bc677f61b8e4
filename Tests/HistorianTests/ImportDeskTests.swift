import Foundation
import Glibc
import Testing

@testable import Historian

/// Whose files are taken over, and which are not.
@Suite struct ImportDeskTests {
    static func desk() throws -> (Scratch, ImportDesk) {
        let scratch = try Scratch()
        let desk = ImportDesk(history: scratch.history)
        #expect(desk.makeFolder() == nil)
        return (scratch, desk)
    }

    static let name = "0123456789abcdef.import"

    @discardableResult
    static func lay(_ name: String, _ desk: ImportDesk) throws -> String {
        let path = desk.folder + "/" + name
        try Data("x".utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    static func denial(_ desk: ImportDesk, _ name: String, user: UInt32 = getuid()) -> ImportDenial.Reason? {
        do {
            _ = try desk.submit(name, author: "alice", user: user)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func aStagedFileIsTaken() throws {
        let (scratch, desk) = try Self.desk()
        try Self.lay(Self.name, desk)
        #expect(Self.denial(desk, Self.name) == nil)
        #expect(desk.status(of: "0123456789abcdef")?.state == .waiting)
        #expect(desk.next()?.author == "alice")
        #expect(desk.next() == nil)
        _ = scratch
    }

    @Test(arguments: [
        "", ".import", "../history.db", "0123456789abcdef", "0123456789ABCDEF.import", "0123456789abcde/.import",
        "../imports/0123456789abcdef.import", "0123456789abcdef.part", "fedcba9876543210.import",
    ])
    func otherNamesAreNone(_ name: String) throws {
        let (scratch, desk) = try Self.desk()
        try Self.lay(Self.name, desk)
        #expect(Self.denial(desk, name) == .noSuchFile)
        _ = scratch
    }

    @Test func linksAreNotFollowed() throws {
        let (scratch, desk) = try Self.desk()
        let path = try Self.lay("other", desk)
        symlink(path, desk.folder + "/" + Self.name)
        #expect(Self.denial(desk, Self.name) == .notAllowed)
        unlink(desk.folder + "/" + Self.name)
        link(path, desk.folder + "/" + Self.name)
        #expect(Self.denial(desk, Self.name) == .notAllowed)
        _ = scratch
    }

    @Test(.enabled(if: getuid() == 0, "only root can give files away"))
    func filesOfAThirdUserAreNot() throws {
        let (scratch, desk) = try Self.desk()
        let path = try Self.lay(Self.name, desk)
        chown(path, 4242, 4242)
        #expect(Self.denial(desk, Self.name, user: 4243) == .notAllowed)
        #expect(Self.denial(desk, Self.name, user: 4242) == nil)
        _ = scratch
    }

    @Test func onlySoManyWait() throws {
        let (scratch, desk) = try Self.desk()
        for number in 0..<ImportDesk.waitingLimit {
            let name = "00000000000000\(String(number, radix: 16))0".suffix(16) + ".import"
            let padded = String(repeating: "0", count: 23 - name.count) + name
            try Self.lay(padded, desk)
            #expect(Self.denial(desk, padded) == nil)
        }
        try Self.lay(Self.name, desk)
        #expect(Self.denial(desk, Self.name) == .tooMany)
        _ = scratch
    }

    @Test func oldFilesThatNobodyClaimsGo() throws {
        let (scratch, desk) = try Self.desk()
        let names = ["0123456789abcdef.import", "1123456789abcdef.import", "2123456789abcdef.part", "notes.txt"]
        for name in names {
            let path = try Self.lay(name, desk)
            var times = [timeval(tv_sec: 1, tv_usec: 0), timeval(tv_sec: 1, tv_usec: 0)]
            if name != "1123456789abcdef.import" { utimes(path, &times) }
        }
        desk.tidy(keeping: ["0123456789abcdef"])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: desk.folder).sorted()
                == ["0123456789abcdef.import", "1123456789abcdef.import", "notes.txt"])
        _ = scratch
    }
}
