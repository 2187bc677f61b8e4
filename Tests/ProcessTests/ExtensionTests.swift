import Foundation
import TestSupport
import Testing

/// `cupel.so` in programs that know nothing of Cupel, on a history that the recorder wrote.
@Suite(.serialized)
struct ExtensionTests {
    static var library: String { ProcessInfo.processInfo.environment["CUPEL_EXTENSION"] ?? "" }

    /// A python that can load extensions: Debian's can, those of pyenv often cannot.
    static let python: String? = ["/usr/bin/python3", Cupel.python].first { path in
        let probe = "import sqlite3; sqlite3.Connection.enable_load_extension"
        return (try? Program(path, ["-c", probe]).exit().status) == 0
    }

    /// 300 seconds of 0.0, 0.5, 1.0 and so on.
    static func yard() throws -> Plantyard {
        let yard = try Plantyard(
            """
            plant: {name: Test, site: T, time_zone: UTC}
            scan: {fast: 1s}
            controllers:
              - name: X
                address: 127.0.0.1:1
                unit: 1
                tags:
                  - {name: a, register: "holding:0", type: float32, order: abcd, unit: degC, scan: fast}
            """)
        try yard.writeHistory((0..<300).map { Float($0) / 2 })
        return yard
    }

    static func shell(_ yard: Plantyard, _ statements: String...) throws -> (
        status: Int32, output: String, errors: String
    ) {
        try Program("/usr/bin/sqlite3", ["-readonly", "-cmd", ".load \(library)", yard.history] + statements).exit()
    }

    static let midnight = Plantyard.midnight

    @Test(arguments: [
        ("SELECT count(*), min(value), max(value) FROM reading WHERE tag = 'X.a'", "300|0.0|149.5"),
        (
            "SELECT tag, time, value, quality FROM reading WHERE tag = 'X.a' ORDER BY time DESC LIMIT 1",
            "X.a|\(midnight + 299_000)|149.5|good"
        ),
        (
            "SELECT time, value FROM reading WHERE time > \(midnight + 297_000) ORDER BY time",
            "\(midnight + 298_000)|149.0\n\(midnight + 299_000)|149.5"
        ),
        (
            "SELECT start, count, min, max, first, last FROM bucket('X.a', \(midnight), \(midnight + 300_000), 2)",
            "\(midnight)|150|0.0|74.5|0.0|74.5\n\(midnight + 150_000)|150|75.0|149.5|75.0|149.5"
        ),
        ("SELECT * FROM asof(\(midnight + 10_400))", "X.a|\(midnight + 10_000)|5.0|good|400"),
        (
            "SELECT * FROM slice(\(midnight + 1000), \(midnight + 2001))",
            "\(midnight + 1000)|X.a|0.5|good\n\(midnight + 2000)|X.a|1.0|good"
        ),
        ("SELECT count(*) FROM gaps('X.a', \(midnight), \(midnight + 299_000))", "0"),
        ("SELECT name, r.value FROM tags JOIN reading r ON r.tag = name WHERE r.time = \(midnight)", "X.a|0.0"),
    ])
    func theShellAnswers(_ statement: String, _ answer: String) throws {
        let result = try Self.shell(Self.yard(), statement)
        #expect(result.output == answer)
        #expect(result.errors == "")
        #expect(result.status == 0)
    }

    @Test func theShellSaysWhatIsWrong() throws {
        let yard = try Self.yard()
        #expect(try Self.shell(yard, "SELECT * FROM bucket('X.a', 0)").errors.contains("the argument to is missing"))
        #expect(try Self.shell(yard, "SELECT * FROM bucket('X.b', 0, 1, 1)").errors.contains("no tag 'X.b'"))
        #expect(try Self.shell(yard, "DELETE FROM reading").errors.contains("may not be modified"))
        let other = try Program(
            "/usr/bin/sqlite3", ["-cmd", ".load \(Self.library)", ":memory:", "SELECT * FROM reading"]
        )
        .exit()
        #expect(other.status != 0)
        #expect(other.errors.contains("not a Cupel history"))
    }

    /// Two connections at once, in threads; one has loaded the extension twice; one is left open at the end.
    @Test(.enabled(if: python != nil, "no python here can load extensions"))
    func pythonLoadsIt() throws {
        let yard = try Self.yard()
        let script = """
            import sqlite3, sys, threading
            def connect():
                c = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True, check_same_thread=False)
                c.enable_load_extension(True)
                c.load_extension(sys.argv[2])
                return c
            a, b, left_open = connect(), connect(), connect()
            a.load_extension(sys.argv[2])
            first, second = a.execute("SELECT * FROM reading"), b.execute("SELECT * FROM reading ORDER BY time DESC")
            print(first.fetchone(), second.fetchone(), first.fetchone(), second.fetchone())
            def count(c):
                for _ in range(20):
                    assert c.execute("SELECT count(*) FROM reading WHERE tag = ?", ("X.a",)).fetchone() == (300,)
            threads = [threading.Thread(target=count, args=(c,)) for c in (a, b)]
            for t in threads: t.start()
            for t in threads: t.join()
            a.close()
            print(second.fetchone())
            try:
                b.execute("DELETE FROM hot")
            except sqlite3.OperationalError as error:
                print(error)
            """
        let python = try #require(Self.python)
        let result = try Program(python, ["-c", script, yard.history, Self.library]).exit()
        let lines = result.output.split(separator: "\n")
        let time = Self.midnight
        #expect(
            lines.first.map(String.init)
                == "('X.a', \(time), 0.0, 'good') ('X.a', \(time + 299_000), 149.5, 'good') "
                + "('X.a', \(time + 1000), 0.5, 'good') ('X.a', \(time + 298_000), 149.0, 'good')")
        #expect(
            lines.dropFirst().map(String.init) == [
                "('X.a', \(time + 297_000), 148.5, 'good')", "attempt to write a readonly database",
            ])
        #expect(result.errors == "")
        #expect(result.status == 0)
    }

    /// The runtime and SQLite are those of the host: nothing else may come with it, and nothing else be seen of it.
    @Test func whatItNeedsAndShows() throws {
        let needed = try Program("/usr/bin/ldd", [Self.library]).exit().output
        #expect(!needed.contains("libsqlite3") && !needed.contains("swift") && !needed.contains("Foundation"))
        let shown = try Program("/usr/bin/nm", ["-D", "--extern-only", "--defined-only", Self.library]).exit().output
        let names = shown.split(separator: "\n").compactMap { $0.split(separator: " ").last }
        #expect(names == ["sqlite3_cupel_init"])
    }

    // MARK: cupel sql

    @Test(arguments: [
        ("csv", "time,value\n1767398400000,0.0\n1767398401000,0.5\nn\n1"),
        ("ndjson", "{\"time\":1767398400000,\"value\":0.0}\n{\"time\":1767398401000,\"value\":0.5}\n{\"n\":1}"),
        (
            "json",
            "[\n{\"time\":1767398400000,\"value\":0.0},\n{\"time\":1767398401000,\"value\":0.5}\n]\n[\n{\"n\":1}\n]"
        ),
        ("table", "         time  value\n1767398400000    0.0\n1767398401000    0.5\nn\n1"),
    ])
    func theCommandAnswers(_ format: String, _ answer: String) throws {
        let yard = try Self.yard()
        let result = try yard.cupel(
            "sql", "--format", format, "SELECT time, value FROM reading ORDER BY time LIMIT 2; SELECT 1 AS n; -- end")
        #expect(result.output == answer)
        #expect(result.errors == "")
        #expect(result.status == 0)
    }

    @Test func theCommandOnlyReads() throws {
        let yard = try Self.yard()
        for statement in ["DELETE FROM hot", "CREATE TABLE t(x)", "VACUUM INTO '\(yard.path)/copy'"] {
            let result = try yard.cupel("sql", statement)
            #expect(result.errors == "cupel: the history can only be read: \(statement)")
            #expect(result.status == 65)
        }
        let wrong = try yard.cupel("sql", "SELECT * FROM readings")
        #expect(wrong.errors == "cupel: no such table: readings")
        #expect(wrong.status == 65)
    }

    @Test func theCommandReadsStandardInput() throws {
        let yard = try Self.yard()
        let script =
            "echo 'SELECT count(*) AS n FROM reading' | '\(Cupel.binary)' sql --config '\(yard.config)' --state"
        let result = try Program("/bin/sh", ["-c", "\(script) '\(yard.state)'"]).exit()
        #expect(result.output == "n\n300")
        #expect(result.status == 0)
    }
}
