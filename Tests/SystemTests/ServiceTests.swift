import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// What systemd sees of the daemon, and what it does to it.
    @Suite struct ServiceTests {
        /// A machine on which the service watches a counter.
        private func running(extra: String = "", alarms: String = "") throws -> Machine {
            let machine = try Machine()
            try machine.install()
            try machine.startCounters(1502)
            try machine.configure(extra: extra, alarms: alarms)
            try machine.succeed("systemctl start cupel")
            return machine
        }

        @Test func itIsReadyAndSaysHowItIs() throws {
            let machine = try running()
            #expect(try machine.show("ActiveState") == "active")
            _ = try eventually("a status for people") {
                let text = try machine.show("StatusText")
                return text.contains("1 controllers") && text.contains("1 alarms unacknowledged") ? text : nil
            }
            #expect(try machine.show("NFileDescriptorStore") == "1", "the memory of readings")
            #expect(try machine.succeed("cupel status").contains("Test"))
            #expect(try machine.succeed("ss -Hltnp | grep -c cupel || true") == "0", "it listens on no TCP port")
            #expect(try !machine.log().contains("Failed to set thread priority"))
        }

        @Test func aGoodReloadAndABadOne() throws {
            let machine = try running()
            let before = try machine.show("MainPID")
            try machine.configure(alarms: "  - {id: odd, tag: C.n, levels: {high: {limit: 60000, priority: low}}}")
            try machine.succeed("systemctl reload cupel")
            #expect(try machine.succeed("cupel alarms list --all").contains("odd:C.n"))
            try machine.succeed("echo 'nonsense: [' >> /etc/cupel/cupel.yaml")
            #expect(try machine.run("systemctl reload cupel").status != 0)
            #expect(try machine.show("ActiveState") == "active")
            #expect(try machine.show("MainPID") == before)
            #expect(try machine.succeed("cupel alarms list --all").contains("odd:C.n"))
            #expect(try machine.log().contains("the old configuration goes on"))
        }

        @Test func killedItIsThereAgainWithItsStateAndEveryReading() throws {
            let machine = try running()
            _ = try eventually("the alarm") {
                try machine.run("cupel alarms list --json").output.contains("\"UNACK\"") ? true : nil
            }
            try machine.succeed("cupel alarms ack hot:C.hot")
            let kills = 3
            for _ in 1...kills {
                let before = try machine.show("MainPID")
                try machine.succeed("kill -9 \(before)")
                try machine.waitForAnother(than: before)
                let seen = try #require(Int(try machine.succeed("cat /run/counter-1502")))
                _ = try eventually("a second of scans") {
                    Int(try machine.succeed("cat /run/counter-1502")) ?? 0 > seen + 50 ? true : nil
                }
            }
            #expect(try machine.show("NRestarts") == "\(kills)")
            #expect(try machine.succeed("cupel alarms list --json").contains("\"ACKED\""))
            #expect(try machine.log().contains("had not written yet are written now"))
            let gaps = try machine.succeed(
                "cupel events --kind gap --from -1h --format csv | grep -c 'daemon not running'")
            #expect(gaps == "\(kills)")
            try machine.expectEveryReply(on: 1502, interruptions: kills)
        }

        @Test func aDaemonThatHangsIsReplaced() throws {
            let machine = try running()
            let before = try machine.show("MainPID")
            try machine.succeed("kill -STOP \(before)")
            try machine.waitForAnother(than: before)
            #expect(try machine.succeed("journalctl -b -o cat --no-pager").contains("Watchdog timeout"))
            try machine.expectEveryReply(on: 1502, interruptions: 1)
        }

        @Test(.enabled(if: Machine.canLimitMemory, "no memory controller that could be used"))
        func whatTheKernelEndsForMemoryIsReplaced() throws {
            let machine = try running()
            _ = try eventually("the alarm") {
                try machine.run("cupel alarms list --json").output.contains("\"UNACK\"") ? true : nil
            }
            try machine.succeed("cupel alarms ack hot:C.hot")
            let before = try machine.show("MainPID")
            #expect(try machine.starve() == 1)
            try machine.waitForAnother(than: before)
            #expect(try machine.show("NRestarts") == "1")
            #expect(try machine.succeed("cupel alarms list --json").contains("\"ACKED\""))
            let gaps = try machine.succeed(
                "cupel events --kind gap --from -1h --format csv | grep -c 'daemon not running'")
            #expect(gaps == "1")
            try machine.expectEveryReply(on: 1502, interruptions: 1)
        }

        /// The runtime's tracer works within the service's limits. A signal that a person sends is told like a crash and
        /// does not end the process, for nothing goes wrong again behind it; the second one does.
        @Test func aCrashTellsWhereEveryThreadWas() throws {
            let machine = try running()
            let before = try machine.show("MainPID")
            try machine.succeed("systemctl kill --kill-whom=main -s SEGV cupel")
            _ = try eventually("the trace") { try machine.log().contains("Backtrace took") ? true : nil }
            let log = try machine.log()
            for thread in ["recorder", "watch", "journal"] { #expect(log.contains("\"\(thread)\":"), "\(log)") }
            #expect(log.contains(" in cupel"))
            #expect(!log.contains("rax 0x"), "registers and what they point to may be anybody's words")
            try machine.succeed("systemctl kill --kill-whom=main -s SEGV cupel")
            try machine.waitForAnother(than: before)
        }

        /// A user of its own that is there while the service runs; its state is then in /var/lib/private.
        @Test func itRunsAsAUserThatIsMadeForIt() throws {
            let machine = try Machine()
            try machine.install()
            try machine.succeed("rmdir /var/lib/cupel")
            try machine.startCounters(1502)
            try machine.configure()
            try machine.write(
                "[Service]\nDynamicUser=yes\nUser=plantwatch\nGroup=plantwatch",
                to: "/etc/systemd/system/cupel.service.d/user.conf")
            try machine.succeed("systemctl daemon-reload && systemctl start cupel")
            let before = try machine.show("MainPID")
            // systemd.exec(5): users that are made for a service have numbers of their own.
            let user = try #require(Int(try machine.succeed("stat -c %u /proc/\(before)")))
            #expect((61_184...65_519).contains(user))
            #expect(try machine.succeed("readlink /var/lib/cupel") == "private/cupel")
            try machine.succeed("kill -9 \(before)")
            try machine.waitForAnother(than: before)
            #expect(try machine.succeed("cupel status").contains("Test: 1 controllers, 0 down"))
            try machine.expectEveryReply(on: 1502, interruptions: 1)
        }

        @Test func aFullDiskIsAnAlarmAndNoEnd() throws {
            let machine = try Machine()
            try machine.install()
            try machine.startCounters(1502)
            try machine.configure()
            try machine.succeed(
                "mount -t tmpfs -o size=24m,mode=750,uid=$(id -u cupel),gid=$(id -g cupel) none /var/lib/cupel")
            try machine.succeed("systemctl start cupel")
            let before = try machine.show("MainPID")
            try machine.run("dd if=/dev/zero of=/var/lib/cupel/ballast bs=64k 2>/dev/null")
            _ = try eventually("the alarm of the history") {
                try machine.run("cupel alarms list --json").output.contains("storage:history") ? true : nil
            }
            #expect(try machine.show("ActiveState") == "active")
            try machine.succeed("rm /var/lib/cupel/ballast")
            // It stands for a minute after the fault has gone.
            _ = try eventually("its end", within: 180) {
                let alarms = try machine.run("cupel alarms list --json").output.split(separator: "\n")
                let storage = alarms.first { $0.contains("\"storage:history\"") }
                return storage == nil || storage?.contains("RTNUN") == true ? true : nil
            }
            #expect(try machine.show("MainPID") == before)
            #expect(try machine.show("NRestarts") == "0")
            try machine.expectEveryReply(on: 1502, interruptions: 1)
        }

        @Test func itStopsInOrderThoughNobodyAnswers() throws {
            let machine = try Machine()
            try machine.install()
            // One that takes connections and says nothing, one that refuses, one that is nowhere.
            try machine.succeed(
                "systemd-run -q --unit=silent /usr/bin/python3 -c 'import socket, time; s = socket.create_server((\"127.0.0.1\", 1600)); time.sleep(9999)'"
            )
            _ = try eventually("the silent one") {
                try machine.run("ss -Hltn 'sport = :1600' | grep -q .").status == 0 ? true : nil
            }
            let tags = "tags: [{name: n, register: \"holding:0\", type: uint16, scan: fast}]"
            try machine.write(
                """
                plant: {name: Test, site: T, time_zone: UTC}
                controllers:
                  - {name: A, address: "127.0.0.1:1600", unit: 1, \(tags)}
                  - {name: B, address: "127.0.0.1:1601", unit: 1, \(tags)}
                  - {name: D, address: "192.0.2.1:502", unit: 1, \(tags)}
                """, to: "/etc/cupel/cupel.yaml")
            try machine.letThrough()
            try machine.succeed("systemctl start cupel")
            _ = try eventually("all are down") {
                try machine.show("StatusText").contains("3 controllers, 3 down") ? true : nil
            }
            try machine.succeed("systemctl stop cupel")
            #expect(try machine.show("Result") == "success")
            #expect(try machine.show("ExecMainStatus") == "0")
            #expect(try machine.succeed("cupel verify").contains("sound"))
        }

        @Test func aBadConfigurationEndsItAndANameThatDoesNotResolveDoesNot() throws {
            let machine = try running()
            try machine.write(Machine.plant("no-such-host.invalid:1502"), to: "/etc/cupel/cupel.yaml")
            try machine.run("systemctl restart cupel")
            _ = try eventually("another try") { Int(try machine.show("NRestarts")) ?? 0 > 1 ? true : nil }
            #expect(try machine.log().contains("status=75"))
            try machine.configure()
            _ = try eventually("it works") { try machine.show("ActiveState") == "active" ? true : nil }
            try machine.write("plant: [", to: "/etc/cupel/cupel.yaml")
            try machine.run("systemctl restart cupel")
            _ = try eventually("its end") { try machine.show("ActiveState") == "failed" ? true : nil }
            #expect(try machine.show("ExecMainStatus") == "78")
        }

        /// Each kind that this machine itself takes: the unit keeps the daemon from much.
        @Test func alarmsReachEverySinkFromWithinTheUnit() throws {
            let machine = try Machine()
            try machine.install()
            try machine.startCounters(1502)
            try machine.write(
                "#!/bin/sh\ncat >>/var/lib/cupel/horn\nlogger \"rung for $CUPEL_ALARM\"", to: "/usr/local/bin/horn")
            try machine.succeed(
                "chmod 755 /usr/local/bin/horn && systemd-run -q --unit=hook /usr/bin/python3 /servers/hook.py 8080")
            try machine.configure(
                extra: """
                    sinks:
                      - {name: pipe, fifo: /run/cupel/alarms.pipe}
                      - {name: horn, exec: [/usr/local/bin/horn]}
                      - {name: book, file: {path: /var/lib/cupel/alarms.log}}
                      - {name: journal, journald: true}
                      - {name: web, webhook: {url: "http://127.0.0.1:8080/"}}
                      - {name: out, stdout: text}
                    """)
            try machine.succeed("systemctl start cupel")
            try machine.succeed("systemd-run -q --unit=panel sh -c 'cat /run/cupel/alarms.pipe >/run/panel'")
            for command in [
                "cat /run/panel", "cat /var/lib/cupel/horn", "journalctl -o cat | grep 'rung for'",
                "cat /var/lib/cupel/alarms.log",
                "journalctl -o json ALARM_ID=hot:C.hot ALARM_PRIORITY=high _SYSTEMD_UNIT=cupel.service",
                "cat /run/hook-8080", "journalctl -u cupel -o cat _TRANSPORT=stdout",
            ] {
                _ = try eventually(command) { try machine.run(command).output.contains("C.hot") ? true : nil }
            }
            _ = try eventually("nothing to complain about") {
                try machine.succeed("cupel sinks --json").contains("\"fault\"") ? nil : true
            }
        }

        /// With cupel.socket, which a plant may enable.
        @Test func whoAsksWhileNoDaemonRunsIsAnsweredByTheNext() throws {
            let machine = try Machine()
            try machine.install()
            #expect(try machine.run("systemctl is-enabled cupel.socket").output == "disabled")
            try machine.startCounters(1502)
            try machine.configure()
            try machine.succeed("systemctl enable --now cupel.socket")
            let modes = "stat -c '%a %G' /run/cupel/cupel.sock /run/cupel/alarms.sock"
            #expect(try machine.succeed(modes) == "660 cupel\n660 cupel")
            #expect(try machine.show("ActiveState") == "inactive")
            #expect(try machine.succeed("cupel status").contains("Test"))
            #expect(try machine.show("ActiveState") == "active")
            let first = try machine.show("MainPID")
            #expect(try machine.succeed("kill -9 \(first); cupel status").contains("Test"))
            try machine.waitForAnother(than: first)
            let second = try machine.show("MainPID")
            let reader =
                "import socket; s = socket.socket(1); s.connect(\"/run/cupel/alarms.sock\"); print(s.recv(4096))"
            #expect(try machine.succeed("kill -9 \(second); python3 -c '\(reader)'").contains("\"hello\""))
            try machine.waitForAnother(than: second)
            try machine.install()
            #expect(try machine.succeed("cupel status && systemctl is-active cupel.socket").contains("active"))
            // Stopped for now: whoever asks starts it; for good: nobody does.
            try machine.succeed("systemctl stop cupel")
            #expect(try machine.succeed("cupel status").contains("Test"))
            try machine.succeed("systemctl stop cupel.socket cupel")
            #expect(try machine.run("cupel status").status == 69)
            // A configuration that a person has to mend is tried once for each who asks.
            try machine.succeed("systemctl start cupel.socket && echo 'nonsense: [' >> /etc/cupel/cupel.yaml")
            #expect(try machine.succeed("python3 -c '\(reader)'") == "b''")
            _ = try eventually("its end") { try machine.show("ActiveState") == "failed" ? true : nil }
            #expect(try machine.show("ExecMainStatus") == "78")
            #expect(try machine.show("ActiveState", of: "cupel.socket") == "active")
            try machine.configure()
            #expect(try machine.succeed("cupel status").contains("Test"))
            // Removed as it is, installed again, and nothing of it left in between.
            try machine.succeed("DEBIAN_FRONTEND=noninteractive dpkg -r cupel")
            for unit in ["cupel.socket", "cupel.service"] {
                #expect(try machine.show("ActiveState", of: unit) == "inactive", "\(unit)")
            }
            #expect(try machine.run("ls -d /run/cupel").output == "")
            try machine.install()
            try machine.succeed("systemctl start cupel")
            #expect(try machine.succeed("cupel status").contains("Test"))
            try machine.succeed("DEBIAN_FRONTEND=noninteractive dpkg -P cupel")
            #expect(try machine.run("ls -d /etc/systemd/system/sockets.target.wants/cupel.socket").output == "")
        }

        @Test func aBackupIsMadeByTheTimer() throws {
            let machine = try running()
            try machine.succeed("systemctl start cupel-backup.service")
            let made = try machine.succeed("ls -d /var/backups/cupel/*/")
            #expect(try machine.succeed("ls \(made)").contains("history.db"))
            #expect(try machine.succeed("cupel verify --state \(made)").contains("sound"))
            try machine.succeed("systemctl enable --now cupel-backup.timer")
            #expect(try machine.show("ActiveState", of: "cupel-backup.timer") == "active")
        }

        @Test func asecondPlantOnTheSameMachine() throws {
            let machine = try running()
            try machine.startSecond()
            #expect(
                try machine.succeed("cupel status --state /var/lib/cupel-north --config /etc/cupel/north").contains(
                    "North"))
            #expect(try machine.succeed("cupel status").contains("Test"))
            #expect(try machine.succeed("ls /run/cupel-north").contains("cupel.sock"))
        }
    }
}

extension Machine {
    func startSecond() throws {
        try succeed("systemd-run -q --unit=more /usr/bin/python3 /servers/counter.py 1503")
        try succeed("mkdir -p /etc/cupel/north")
        let plant = Machine.plant("127.0.0.1:1503").replacingOccurrences(of: "name: Test,", with: "name: North,")
        try write(plant, to: "/etc/cupel/north/cupel.yaml")
        try succeed(
            "cupel systemd-dropin --config /etc/cupel/north --output /etc/systemd/system/cupel@north.service.d/network.conf"
                + " && systemctl daemon-reload && systemctl start cupel@north")
    }
}
