import Foundation
import TestSupport

/// A program for an exec sink: it appends each line to a file, unless it is told to do something else.
struct Hook {
    private let directory: String
    private let name: String
    private var got: String { "\(directory)/\(name).got" }
    private var mode: String { "\(directory)/\(name).mode" }
    private var script: String { "\(directory)/\(name).sh" }

    /// As `exec:` in the configuration, with `DIR` for the yard's directory.
    static func exec(_ name: String) -> String { "exec: [/bin/sh, DIR/\(name).sh]" }

    init(_ name: String, in yard: Plantyard) throws {
        (directory, self.name) = (yard.path, name)
        try """
        [ -e '\(mode)' ] && . '\(mode)'
        exec cat >> '\(got)'

        """.write(toFile: script, atomically: true, encoding: .utf8)
    }

    /// What it does first from now on, as shell; `nil` for nothing.
    func does(_ words: String?) throws {
        if let words {
            try words.write(toFile: mode, atomically: true, encoding: .utf8)
        } else {
            try? FileManager.default.removeItem(atPath: mode)
        }
    }

    /// Keeps lines in order to be tried again (EX_TEMPFAIL).
    static let fails = "cat > /dev/null; exit 75"

    func lines() throws -> [ToldLine] { try ToldLine.all(in: got) }

    var text: String { (try? String(contentsOfFile: got, encoding: .utf8)) ?? "" }
}
