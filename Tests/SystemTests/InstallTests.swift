import Foundation
import TestSupport
import Testing

/// Everything below runs one machine at a time: they share the tree.
@Suite(.serialized, .enabled(if: Machine.isThere, "make test-service makes the package and the tree"))
enum SystemTests {}

extension SystemTests {
    /// The package, as Debian's users expect one to behave.
    @Suite struct InstallTests {
        @Test func aFreshPackageRunsNothingAndHasEverything() throws {
            let machine = try Machine()
            try machine.install()
            #expect(try machine.succeed("systemctl is-enabled cupel") == "enabled")
            #expect(try machine.show("ActiveState") == "inactive", "there is no plant yet")
            #expect(try machine.run("systemctl is-enabled cupel-backup.timer").output == "disabled")
            #expect(
                try machine.succeed("stat -c '%U:%G %a' /var/lib/cupel /var/backups/cupel")
                    == "cupel:cupel 750\ncupel:cupel 750")
            #expect(try machine.succeed("getent group cupel-operators").hasPrefix("cupel-operators:"))
            #expect(
                try machine.succeed("dpkg-query -W -f '${Conffiles}' cupel").contains("/etc/cupel/cupel.yaml.example"))
            #expect(try machine.succeed("cupel --version") == "0.1.0")
            #expect(try machine.succeed("cupel check --config /etc/cupel/cupel.yaml.example").contains("controllers"))
            for path in [
                "/usr/share/cupel/profiles/plc-furnace.yaml", "/usr/share/cupel/cupel.schema.json",
                "/usr/share/bash-completion/completions/cupel", "/usr/share/zsh/vendor-completions/_cupel",
                "/usr/share/fish/vendor_completions.d/cupel.fish", "/usr/lib/cupel/cupel.so",
            ] {
                #expect(try machine.run("test -s \(path)").status == 0, "\(path)")
            }
            // Nothing of the toolchain is needed, nor of a library that is not in the package's dependencies.
            #expect(try !machine.succeed("ldd /usr/bin/cupel").contains("swift"))
            #expect(try machine.run("ldd /usr/bin/cupel | grep 'not found'").output == "")
            let extensionWorks = try machine.succeed(
                "sqlite3 :memory: -cmd '.load /usr/lib/cupel/cupel' \"SELECT count(*) FROM pragma_module_list WHERE name = 'reading'\""
            )
            #expect(extensionWorks == "1")
            let kibibytes = Int(try machine.succeed("dpkg-query -W -f '${Installed-Size}' cupel"))
            let size = try #require(kibibytes)
            // What remains is code: Swift's runtime and Foundation, which GRDB and Yams use, in the program, the runtime
            // again in the extension and in the tracer. More says that ICU's data are back (systemd/no-languages.c).
            withKnownIssue("40 MB are wanted") { #expect(size <= 40_960) }
            #expect(size <= 60_000)
        }

        @Test func anUpgradeGoesOnWithWhatStood() throws {
            let machine = try Machine()
            try machine.install()
            try machine.startCounters(1502)
            try machine.configure()
            try machine.succeed("systemctl start cupel")
            _ = try eventually("the alarm") {
                try machine.run("cupel alarms list --json").output.contains("\"UNACK\"") ? true : nil
            }
            try machine.succeed("cupel alarms ack hot:C.hot")
            let before = try machine.show("MainPID")
            try machine.succeed("echo '# mine' >> /etc/cupel/cupel.yaml.example")
            try machine.install()
            try machine.waitForAnother(than: before)
            #expect(try machine.succeed("cupel alarms list --json").contains("\"ACKED\""))
            #expect(try machine.succeed("cupel alarms history --json").components(separatedBy: "\"raise\"").count == 2)
            #expect(try machine.succeed("tail -1 /etc/cupel/cupel.yaml.example") == "# mine")
            try machine.expectEveryReply(on: 1502, interruptions: 1)
        }

        @Test func anUpgradeTakesEveryPlantAndTheBackups() throws {
            let machine = try Machine()
            try machine.install()
            try machine.startCounters(1502)
            try machine.configure()
            try machine.succeed("systemctl start cupel && systemctl enable --now cupel-backup.timer")
            try machine.startSecond()
            let (first, second) = (try machine.show("MainPID"), try machine.show("MainPID", of: "cupel@north"))
            try machine.install()
            try machine.waitForAnother(than: first)
            #expect(try machine.show("MainPID", of: "cupel@north") != second)
            #expect(try machine.show("ActiveState", of: "cupel@north") == "active")
            #expect(try machine.show("ActiveState", of: "cupel-backup.timer") == "active")
            try machine.succeed("systemctl start cupel-backup@north && ls /var/backups/cupel/north/*/history.db")

            // One that is being edited goes on as it is.
            let before = try machine.show("MainPID")
            try machine.succeed("echo 'nonsense: [' >> /etc/cupel/cupel.yaml")
            let said = try machine.succeed("DEBIAN_FRONTEND=noninteractive dpkg -i /cupel.deb 2>&1")
            #expect(said.contains("cupel.service goes on with the program it has"), "\(said)")
            #expect(try machine.show("MainPID") == before)
            #expect(try machine.show("ActiveState") == "active")

            try machine.succeed("DEBIAN_FRONTEND=noninteractive dpkg -r cupel")
            for unit in ["cupel", "cupel@north", "cupel-backup.timer"] {
                #expect(try machine.show("ActiveState", of: unit) != "active", "\(unit)")
            }
            #expect(try machine.run("test -e /usr/lib/cupel").status != 0)
        }

        @Test func whatWasMeasuredStaysAfterAPurge() throws {
            let machine = try Machine()
            try machine.install()
            try machine.startCounters(1502)
            try machine.configure()
            try machine.succeed("systemctl start cupel")
            try machine.succeed("DEBIAN_FRONTEND=noninteractive dpkg -r cupel")
            #expect(try machine.run("systemctl is-active cupel").output != "active")
            #expect(try machine.succeed("ls /etc/cupel").contains("cupel.yaml"))
            try machine.succeed("DEBIAN_FRONTEND=noninteractive dpkg -P cupel")
            #expect(try machine.run("test -e /etc/cupel/cupel.yaml.example").status != 0)
            #expect(
                try machine.run("test -s /etc/cupel/cupel.yaml").status == 0,
                "the plant's own description is no conffile")
            #expect(try machine.run("test -s /var/lib/cupel/history.db").status == 0)
            #expect(try machine.succeed("getent passwd cupel").hasPrefix("cupel:"), "the files have an owner still")
        }
    }
}

extension Machine {
    /// Compares the history with what the counter answered: each reply is there once, in order, but those that were on
    /// their way when a process ended or began.
    func expectEveryReply(
        on port: Int, of tag: String = "C.n", interruptions: Int, _ place: SourceLocation = #_sourceLocation
    ) throws {
        try succeed("systemctl stop cupel")
        let given = try #require(Int(try succeed("cat /run/counter-\(port)")))
        let rows = try succeed("cupel query \(tag) --from -1h --format csv | cut -d, -f3 | tail -n +2")
        let stored = rows.split(separator: "\n").compactMap { Double($0) }.map(Int.init)
        #expect(stored == Array(Set(stored)).sorted(), "none twice, and in order", sourceLocation: place)
        let missing = Set(1...given).subtracting(stored)
        #expect(
            missing.count <= 2 * interruptions + 1, "\(missing.sorted()) of \(given)", sourceLocation: place)
    }
}
