import Glibc
public import Plant
import Synchronization

/// A file that grows, and is put aside when it is full.
///
/// A batch is one write and one fdatasync, and taken after both. What a full disk or a crash left of a line is cut off,
/// so that whoever reads the file finds whole lines only. Two writers of one file are not foreseen.
public final class FileOutlet: Outlet {
    /// The system's `write`, so that tests have a disk that is full.
    typealias Write = @Sendable (CInt, UnsafeRawBufferPointer) -> Int

    private let path: String
    private let format: SinkDefinition.LineFormat
    private let rotation: FileRotation
    private let write: Write
    private let file = Mutex<AppendedFile?>(nil)

    public let acknowledges = true
    /// At most 400 KiB in a write, and one sync for all of them.
    public let batchLimit = 100

    public convenience init(_ settings: FileSettings) {
        self.init(settings) { Glibc.write($0, $1.baseAddress, $1.count) }
    }

    init(_ settings: FileSettings, write: @escaping Write) {
        (path, format, self.write) = (settings.path, settings.format, write)
        rotation = FileRotation(path: settings.path, maxSize: settings.maxSize, keep: settings.keep)
    }

    public func close() { file.withLock { $0 = nil } }

    public func send(_ lines: [AlarmLine]) -> Delivery {
        let bytes = lines.flatMap { Array((format == .json ? $0.json : $0.text).utf8) }
        return file.withLock { file in
            do throws(FileFault) {
                // Another program, logrotate say, may have moved or removed it.
                if file?.isStillAt(path) == false { file = nil }
                if try rotation.isDue(size: file?.size()) {
                    file = nil
                    try rotation.rotate()
                }
                if file == nil { file = try AppendedFile.open(path) }
                try file?.append(bytes, write)
                return .all(of: lines, answer: "\(bytes.count) bytes on the disk, in \(path)")
            } catch {
                // Opened anew at the next try: what was wrong with it may be mended by then.
                file = nil
                let answer = Delivery.unavailable(error.words)
                return error.leftLines ? answer.unclear : answer
            }
        }
    }
}

/// Why a file does not take lines.
struct FileFault: Error {
    let words: String
    /// Some of what was to be written is in the file, and stays there.
    let leftLines: Bool

    init(_ words: String, leftLines: Bool = false) { (self.words, self.leftLines) = (words, leftLines) }
    init(_ path: String, _ code: CInt) { self.init("\(path): \(reason(code))") }
}
