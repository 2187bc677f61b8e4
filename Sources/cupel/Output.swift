import ArgumentParser
import Glibc
import Plant

/// Standard output and standard error. Data goes to the one, everything else to the other.
enum Output {
    /// Writes text as it is. A closed pipe (`| head`) ends the command quietly.
    static func write(_ text: String) {
        var text = text
        text.withUTF8(write)
    }

    /// Writes bytes as they are.
    static func write(_ bytes: [UInt8]) { bytes.withUnsafeBufferPointer(write) }

    /// Writes text as it is.
    ///
    /// - Returns: false when nobody reads it any more.
    static func isTaken(_ text: String) -> Bool {
        var text = text
        return text.withUTF8(isTaken)
    }

    private static func write(_ bytes: UnsafeBufferPointer<UInt8>) { if !isTaken(bytes) { exit(0) } }

    private static func isTaken(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var at = 0
        while at < bytes.count {
            let written = Glibc.write(STDOUT_FILENO, bytes.baseAddress! + at, bytes.count - at)
            if written > 0 {
                at += written
            } else if errno == EPIPE {
                return false
            } else if errno == EAGAIN {
                var waiting = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
                poll(&waiting, 1, -1)
            } else if errno != EINTR {
                complain("cupel: standard output: \(String(cString: strerror(errno)))")
                exit(ExitCode.io.rawValue)
            }
        }
        return true
    }

    static func line(_ text: String) { write(text + "\n") }

    /// What came with the command line cannot be, which shows only after the plant was looked at. Exit 64.
    static func misuse(_ text: String) -> ExitCode {
        complain("cupel: \(text)")
        return .validationFailure
    }

    /// A line for the person, on standard error, or several.
    static func complain(_ text: String) {
        var text = (text.hasSuffix("\n") ? text : text + "\n").plainLines
        text.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// Waits, and sees whether anybody still reads. A closed pipe is noticed without writing to it, and Ctrl-C ends the
    /// waiting soon.
    static func isWanted(for milliseconds: Int) -> Bool {
        let end = SystemClock().monotonic() + Int64(milliseconds) * 1_000_000
        while !Interruption.isRequested {
            let left = (end - SystemClock().monotonic()) / 1_000_000
            if left <= 0 { return true }
            var reader = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
            if poll(&reader, 1, CInt(min(left, 100))) > 0, reader.revents & Int16(POLLERR | POLLHUP) != 0 {
                return false
            }
        }
        return true
    }

    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Columns and rows of the terminal, 80 x 24 where there is none.
    static var size: (columns: Int, rows: Int) {
        var window = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0 else { return (80, 24) }
        return (Int(window.ws_col), Int(window.ws_row))
    }
}

/// Columns aligned for reading. Numbers are right-aligned by asking for it. A cell stays on its line, whatever is in it.
struct Table {
    var headers: [String]
    var rightAligned: Set<Int> = []
    var rows: [[String]] = []

    func text() -> String {
        let headers = headers.map(\.plainLine)
        let rows = rows.map { $0.map(\.plainLine) }
        var widths = headers.map(\.count)
        for row in rows { for (column, cell) in row.enumerated() { widths[column] = max(widths[column], cell.count) } }
        func line(_ cells: [String]) -> String {
            let padded = cells.enumerated().map { column, cell in
                let pad = String(repeating: " ", count: widths[column] - cell.count)
                if rightAligned.contains(column) { return pad + cell }
                return column == cells.count - 1 ? cell : cell + pad
            }
            return padded.joined(separator: "  ") + "\n"
        }
        return line(headers) + rows.map(line).joined()
    }
}
