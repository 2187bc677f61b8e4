import Foundation
import Glibc
import Plant
import Synchronization
import Testing

@testable import Annunciation

@Suite struct FileOutletTests {
    let scratch: PlaceScratch
    let path: String

    init() throws {
        scratch = try PlaceScratch()
        path = scratch.path + "/alarms.log"
    }

    private func settings(
        _ format: SinkDefinition.LineFormat = .text, maxSize: Int = 1_000_000, keep: Int = 3
    ) -> FileSettings {
        FileSettings(path: path, format: format, maxSize: maxSize, keep: keep)
    }

    private func lines(_ numbers: ClosedRange<Int64>) -> [AlarmLine] { numbers.map { .place($0) } }

    @Test(arguments: [(SinkDefinition.LineFormat.text, "line 1\nline 2\n"), (.json, "{\"seq\":1}\n{\"seq\":2}\n")])
    func linesAreAppended(format: SinkDefinition.LineFormat, text: String) throws {
        try scratch.write("before\n", to: "alarms.log")
        let outlet = FileOutlet(settings(format))
        #expect(
            outlet.send(lines(1...2))
                == .all(of: lines(1...2), answer: "\(text.utf8.count) bytes on the disk, in \(path)"))
        #expect(try scratch.text("alarms.log") == "before\n" + text)
        #expect(outlet.acknowledges && !outlet.takesHeartbeats && outlet.batchLimit == 100)
    }

    @Test func aNewFileIsForItsGroupToo() throws {
        #expect(FileOutlet(settings()).send(lines(1...1)).isTaken)
        var info = stat()
        let mask = umask(0)
        umask(mask)
        #expect(lstat(path, &info) == 0 && info.st_mode & 0o777 == 0o640 & ~mask)
    }

    @Test(arguments: [
        (0, ["alarms.log": "line 5\n"]),
        (1, ["alarms.log": "line 5\n", "alarms.log.1": "line 4\n"]),
        (
            3,
            [
                "alarms.log": "line 5\n", "alarms.log.1": "line 4\n", "alarms.log.2": "line 3\n",
                "alarms.log.3": "line 2\n",
            ]
        ),
    ])
    func aFullFileIsPutAsideAndTheOldestGoes(keep: Int, files: [String: String]) throws {
        let outlet = FileOutlet(settings(maxSize: 5, keep: keep))
        for number in 1...5 { #expect(outlet.send([.place(Int64(number))]).isTaken) }
        #expect(Set(try FileManager.default.contentsOfDirectory(atPath: scratch.path)) == Set(files.keys))
        for (name, text) in files { #expect(try scratch.text(name) == text) }
    }

    @Test func aFileBelowItsSizeIsKept() throws {
        let outlet = FileOutlet(settings(maxSize: 8))
        #expect(outlet.send(lines(1...1)).isTaken && outlet.send(lines(2...2)).isTaken)
        #expect(try scratch.text("alarms.log") == "line 1\nline 2\n")
        // After a restart, too.
        #expect(FileOutlet(settings(maxSize: 8)).send(lines(3...3)).isTaken)
        #expect(try scratch.text("alarms.log") == "line 3\n")
        #expect(try scratch.text("alarms.log.1") == "line 1\nline 2\n")
    }

    /// A crash between two renames leaves a number free; nothing is lost by the next rotation.
    @Test(arguments: 1...3)
    func anInterruptedRotationCostsNoFile(free: Int) throws {
        try scratch.write("now\n", to: "alarms.log")
        for number in 1...3 where number != free { try scratch.write("\(number)\n", to: "alarms.log.\(number)") }
        #expect(FileOutlet(settings(maxSize: 1)).send(lines(1...1)).isTaken)
        let names = ["alarms.log", "alarms.log.1", "alarms.log.2", "alarms.log.3"]
        let rest = (1...3).filter { $0 != free }.map { "\($0)\n" }
        #expect(try names.map(scratch.text) == ["line 1\n", "now\n"] + rest)
    }

    @Test func aFileThatIsMovedOrRemovedIsMadeAnew() throws {
        let outlet = FileOutlet(settings())
        #expect(outlet.send(lines(1...1)).isTaken)
        #expect(rename(path, path + ".old") == 0)
        #expect(outlet.send(lines(2...2)).isTaken)
        #expect(try scratch.text("alarms.log") == "line 2\n")
        unlink(path)
        #expect(outlet.send(lines(3...3)).isTaken)
        #expect(try scratch.text("alarms.log") == "line 3\n")
        #expect(try scratch.text("alarms.log.old") == "line 1\n")
    }

    /// It takes some bytes, then none: what it took is cut off.
    @Test func aFullDiskLeavesWholeLines() throws {
        let room = Mutex(Int.max)
        let outlet = FileOutlet(settings()) { descriptor, bytes in
            let count = room.withLock { room in
                let count = min(room, bytes.count)
                room -= count
                return count
            }
            guard count > 0 else {
                errno = ENOSPC
                return -1
            }
            return write(descriptor, bytes.baseAddress, count)
        }
        #expect(outlet.send(lines(1...1)).isTaken)
        room.withLock { $0 = 10 }
        // Nothing of it is left in the file: it is new when it comes again.
        #expect(outlet.send(lines(2...4)) == .unavailable("\(path): No space left on device"))
        #expect(try scratch.text("alarms.log") == "line 1\n")
        room.withLock { $0 = .max }
        #expect(outlet.send(lines(2...4)).taken == 3)
        #expect(try scratch.text("alarms.log") == "line 1\nline 2\nline 3\nline 4\n")
    }

    /// The line comes again, and part of it is there already.
    @Test func whatCannotBeCutBackMayHaveArrived() throws {
        let outlet = FileOutlet(settings()) { descriptor, _ in
            // No file any more, as far as `ftruncate` is concerned.
            let null = open("/dev/null", O_WRONLY)
            dup2(null, descriptor)
            close(null)
            errno = ENOSPC
            return -1
        }
        let delivery = outlet.send(lines(1...1))
        #expect(delivery.mayHaveArrived)
        #expect(delivery.unavailable?.contains("cannot be cut back to whole lines") == true)
    }

    @Test func aShortWriteIsGoneOnWith() throws {
        let outlet = FileOutlet(settings()) { write($0, $1.baseAddress, min(3, $1.count)) }
        #expect(outlet.send(lines(1...3)).taken == 3)
        #expect(try scratch.text("alarms.log") == "line 1\nline 2\nline 3\n")
    }

    @Test(arguments: [
        ("line 1\nlin", "line 1\nline 9\n"),
        ("lin", "lin\nline 9\n"),
        (String(repeating: "x", count: 5000), String(repeating: "x", count: 5000) + "\nline 9\n"),
        ("", "line 9\n"),
    ])
    func aTornTailIsMended(before: String, after: String) throws {
        try scratch.write(before, to: "alarms.log")
        #expect(FileOutlet(settings()).send(lines(9...9)).isTaken)
        #expect(try scratch.text("alarms.log") == after)
    }

    @Test func whatIsNoRegularFileIsNotWrittenTo() throws {
        let full = FileOutlet(FileSettings(path: "/dev/full"))
        #expect(full.send(lines(1...1)) == .unavailable("/dev/full is no regular file"))
        mkdir(path, 0o700)
        #expect(FileOutlet(settings()).send(lines(1...1)) == .unavailable("\(path): Is a directory"))
        rmdir(path)
        mkfifo(path, 0o600)
        #expect(FileOutlet(settings()).send(lines(1...1)) == .unavailable("\(path) is no regular file"))
        unlink(path)
        symlink("/etc/passwd", path)
        #expect(
            FileOutlet(settings()).send(lines(1...1))
                == .unavailable("\(path) is a symbolic link: name the file itself"))
    }

    @Test func aMissingDirectoryIsWaitedFor() throws {
        let outlet = FileOutlet(FileSettings(path: scratch.path + "/logs/alarms.log"))
        #expect(outlet.send(lines(1...1)) == .unavailable("\(scratch.path)/logs/alarms.log: No such file or directory"))
        mkdir(scratch.path + "/logs", 0o700)
        #expect(outlet.send(lines(1...1)).isTaken)
    }
}
