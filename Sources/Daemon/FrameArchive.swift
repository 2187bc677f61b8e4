import Acquisition
import FoundationEssentials
import Glibc
import Modbus
import Plant
import Ring
import Synchronization

/// Keeps the flight recorders' evidence: what was on the wire before the first fault of a line, or before an alarm, is
/// written to `frames/` of the state directory as a capture, without anybody having asked for it beforehand.
final class FrameArchive: Sendable {
    /// The most that all captures may take on disk: a few hundred of them. The oldest go first.
    static let bytesMax = 64 << 20
    /// A line's captures are at least this far apart: a flapping link shows the same each time.
    static let spacing: Int64 = 60_000_000_000
    /// A fault is worth a capture when there was none for so long before it.
    static let goodPeriod: Int64 = 60_000_000_000
    /// Captures that may wait to be written: more at once is a plant-wide event, which the first ones show.
    static let waitingMax = 16

    /// A line by its endpoints, as long as it runs.
    private struct Followed {
        let name: String
        weak var line: Line?
        var writtenAt: Int64?
        var faultAt: Int64?
    }

    private struct State {
        var lines: [[Endpoint]: Followed] = [:]
        var waiting = 0
        var skipped = 0
    }

    private let folder: String
    private let clock: any PlantClock
    private let state = Mutex(State())
    private let writing = Mutex(())
    private let log: @Sendable (String) -> Void

    init(folder: String, clock: any PlantClock = SystemClock(), log: @escaping @Sendable (String) -> Void) {
        self.folder = folder
        self.clock = clock
        self.log = log
    }

    /// From now on this line's recorder is kept from.
    func follow(_ line: Line, name: String) {
        state.withLock { state in
            let before = state.lines[line.plan.endpoints]
            state.lines[line.plan.endpoints] = Followed(
                name: name, line: line, writtenAt: before?.writtenAt, faultAt: before?.faultAt)
        }
    }

    /// A fault of a line began. Any thread; returns at once.
    func fault(on endpoints: [Endpoint]) {
        let now = clock.monotonic()
        let wasWell = state.withLock { state in
            let before = state.lines[endpoints]?.faultAt
            state.lines[endpoints]?.faultAt = now
            return before.map { now - $0 >= FrameArchive.goodPeriod } ?? true
        }
        if wasWell { keep(endpoints, cause: "fault") }
    }

    /// A fault of a line is over: the good period begins.
    func wellAgain(_ endpoints: [Endpoint]) {
        let now = clock.monotonic()
        state.withLock { $0.lines[endpoints]?.faultAt = now }
    }

    /// Keeps what a line's recorder holds now. Any thread; the file is written on a thread of its own.
    ///
    /// - Parameter cause: a word for the file's name.
    func keep(_ endpoints: [Endpoint], cause: String) {
        let now = clock.monotonic()
        let wanted: (name: String, frames: FrameLog)? = state.withLock { state in
            guard let followed = state.lines[endpoints], let line = followed.line else { return nil }
            if let last = followed.writtenAt, now - last < FrameArchive.spacing { return nil }
            guard state.waiting < FrameArchive.waitingMax else {
                state.skipped += 1
                return nil
            }
            state.lines[endpoints]?.writtenAt = now
            state.waiting += 1
            return (followed.name, line.frames)
        }
        guard let (name, frames) = wanted else { return }
        let stamp = UTCTime.text(clock.wall() / 1_000_000).filter { $0 != ":" && $0 != "-" }
        do {
            _ = try Worker(name: "frames") { [self] in
                write(Capture.pcap(frames.frames()), to: "\(name)-\(stamp)-\(cause)")
                state.withLock { $0.waiting -= 1 }
            }
        } catch {
            state.withLock { $0.waiting -= 1 }
            log("\(error)")
        }
    }

    /// Captures that were left out because too many waited.
    var skipped: Int { state.withLock { $0.skipped } }

    private func write(_ capture: [UInt8], to name: String) {
        // A controller's name may hold anything a tag's may, but a file's may not.
        let file = String(name.map { $0.isLetter || $0.isNumber || "-._".contains($0) ? $0 : "_" }) + ".pcap"
        writing.withLock { _ in
            mkdir(folder, 0o750)
            do {
                try Data(capture).write(to: URL(filePath: "\(folder)/\(file)"), options: .atomic)
                log("\(folder)/\(file) shows the frames before it")
            } catch {
                log("\(folder)/\(file) cannot be written: \(error)")
            }
            makeRoom()
        }
    }

    private func makeRoom() {
        let manager = FileManager.default
        let names = ((try? manager.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".pcap") }
        var files = names.compactMap { name -> (path: String, bytes: Int, time: Int)? in
            var info = stat()
            let path = "\(folder)/\(name)"
            guard stat(path, &info) == 0 else { return nil }
            return (path, Int(info.st_size), info.st_mtim.tv_sec)
        }
        files.sort { $0.time < $1.time }
        var total = files.map(\.bytes).reduce(0, +)
        for file in files {
            guard total > FrameArchive.bytesMax else { break }
            unlink(file.path)
            total -= file.bytes
        }
    }
}
