import Glibc
import Plant

/// How far long work has got, on one line of standard error that overwrites itself.
///
/// Nothing is shown in the first second, and never where the line would land in a file or between rows on a screen.
final class ProgressBar {
    /// Nanoseconds before anything is shown, and between two looks.
    static let delay: Int64 = 1_000_000_000
    static let pause: Int64 = 200_000_000
    /// Characters of the bar itself.
    static let width = 30

    private let isShown: Bool
    private let now: () -> Int64
    private let write: (String) -> Void
    private var next: Int64
    private var isOnScreen = false

    /// - Parameter now: nanoseconds of a clock that only goes forward.
    init(
        isShown: Bool, now: @escaping () -> Int64 = { SystemClock().monotonic() },
        write: @escaping (String) -> Void = ProgressBar.writeError
    ) {
        (self.isShown, self.now, self.write) = (isShown, now, write)
        next = isShown ? now() + ProgressBar.delay : .max
    }

    /// Of a command whose rows go to standard output.
    static var ofCommand: ProgressBar { ProgressBar(isShown: isatty(STDERR_FILENO) == 1 && !Output.isTerminal) }

    /// - Parameters:
    ///   - part: 0...1.
    ///   - what: is going on, behind the bar.
    func reached(_ part: Double, _ what: String = "") {
        guard isShown else { return }
        let time = now()
        guard time >= next else { return }
        next = time + ProgressBar.pause
        isOnScreen = true
        write("\r\u{1B}[K" + ProgressBar.text(part) + (what.isEmpty ? "" : "  \(what)"))
    }

    /// Takes the line away.
    func end() {
        guard isOnScreen else { return }
        isOnScreen = false
        write("\r\u{1B}[K")
    }

    static func text(_ part: Double) -> String {
        let part = min(max(part, 0), 1)
        let filled = Int(part * Double(width))
        return "[\(String(repeating: "#", count: filled))\(String(repeating: ".", count: width - filled))] "
            + "\(Int(part * 100)) %"
    }

    private static func writeError(_ text: String) {
        var text = text
        text.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
