import Detection
import Dispatch
import Foundation
import GRDB
import Plant
import Synchronization

@testable import Journal

/// A directory of its own for each test, removed with it.
final class Scratch: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("journal-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var journal: String { path + "/journal.db" }

    func open(boot: String = "b1") throws -> Journal {
        try Journal(path: journal, plantName: "KMP", boot: boot)
    }

    /// Somebody's `sqlite3` prompt, which may leave a transaction open.
    func shell() throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        return try DatabaseQueue(path: journal, configuration: configuration)
    }

    /// Every file and its bytes, without the lock, which may come and go.
    func contents() throws -> [String: Data] {
        var found: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: path) where !name.hasSuffix("-lock") {
            found[name] = try Data(contentsOf: URL(fileURLWithPath: path + "/" + name))
        }
        return found
    }

    /// The bytes a killed daemon would leave: the files as they are now, under a new name.
    func copyAsKilled(to other: Scratch) throws {
        for (name, data) in try contents() where !name.hasSuffix("-shm") {
            try data.write(to: URL(fileURLWithPath: other.path + "/" + name))
        }
    }
}

/// Keeps what the journal announces, and lets a test wait for it.
final class Listener: Sendable {
    private let heard = Mutex<[AlarmNotice]>([])
    private let signal = DispatchSemaphore(value: 0)

    func hear(_ notices: [AlarmNotice]) {
        heard.withLock { $0 += notices }
        for _ in notices { signal.signal() }
    }

    /// The next `count` notices; each is given out once.
    func wait(for count: Int) -> [AlarmNotice] {
        for _ in 0..<count { signal.wait() }
        return heard.withLock { heard in
            defer { heard.removeFirst(count) }
            return Array(heard[..<count])
        }
    }
}

extension Journal {
    /// Starts with a listener.
    func listening() throws -> Listener {
        let listener = Listener()
        try start { listener.hear($0) }
        return listener
    }

    /// Appends and waits until it is on disk; the numbers given to its notices.
    @discardableResult
    func write(_ entry: JournalEntry) -> [Int64]? {
        let done = DispatchSemaphore(value: 0)
        let numbers = Mutex<[Int64]?>(nil)
        var entry = entry
        entry.completion = { given in
            numbers.withLock { $0 = given }
            done.signal()
        }
        append(entry)
        done.wait()
        return numbers.withLock { $0 }
    }
}

extension AlarmNotice {
    static func sample(_ occurrence: Int = 1, what: String = "raise", text: String = "hot") -> AlarmNotice {
        AlarmNotice(
            id: "melt-temperature-high:F-01.melt_temp", occ: occurrence, rev: 0, what: what, state: "UNACK",
            priority: "critical", tag: "F-01.melt_temp", value: 1502.3, unit: "degC", limit: 1500, level: "high_high",
            quality: "good", sourceTime: 1_767_434_400_123, receivedTime: 1_767_434_400_125,
            effectiveTime: 1_767_434_400_123, guidance: "Cut power to hold", responseSeconds: 120, text: text,
            annunciated: true)
    }
}
