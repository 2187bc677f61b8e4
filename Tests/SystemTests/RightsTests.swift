import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// Who may do what, and whom the service may speak to.
    @Suite struct RightsTests {
        private func running() throws -> Machine {
            let machine = try Machine()
            try machine.install()
            try machine.startCounters(1502)
            try machine.configure()
            try machine.succeed(
                """
                useradd -m stranger && useradd -m -G cupel reader && useradd -m -G cupel,cupel-operators kim
                systemctl start cupel
                """)
            _ = try eventually("the alarm") {
                try machine.run("cupel alarms list --json").output.contains("\"UNACK\"") ? true : nil
            }
            return machine
        }

        @Test func strangersReadNothingReadersReadAndOperatorsAct() throws {
            let machine = try running()
            #expect(
                try machine.succeed("stat -c '%a %G' /run/cupel/cupel.sock /run/cupel/alarms.sock")
                    == "660 cupel\n660 cupel")
            #expect(
                try machine.succeed("stat -c '%a %G' /var/lib/cupel/history.db /var/lib/cupel/journal.db")
                    == "640 cupel\n640 cupel")
            #expect(try machine.run("cupel status", as: "stranger").status == 69)
            #expect(try machine.run("cupel query C.n", as: "stranger").status != 0)

            #expect(try machine.succeed("cupel alarms list", as: "reader").contains("hot:C.hot"))
            _ = try eventually("committed readings") {
                try machine.run("cupel query C.n --from -1m --format csv", as: "reader").output.contains("C.n")
                    ? true : nil
            }
            for words in ["alarms ack hot:C.hot", "alarms shelve hot:C.hot --for 10m --why x", "reload", "annotate x"] {
                let refused = try machine.run("cupel \(words)", as: "reader")
                #expect(refused.status == 77, "\(words): \(refused)")
                #expect(refused.errors.contains("cupel-operators"), "\(words): \(refused)")
            }
            #expect(try machine.succeed("cupel alarms list --json").contains("\"UNACK\""))

            try machine.succeed("cupel alarms ack hot:C.hot", as: "kim")
            #expect(try machine.succeed("cupel alarms list --json").contains("\"ACKED\""))
            let trail = try machine.succeed("cupel audit list --json")
            #expect(trail.contains("\"who\":\"kim\"") && trail.contains("\"who\":\"reader\""))
            #expect(trail.contains("refused: not in the group cupel-operators"))
            #expect(try machine.succeed("cupel audit verify").contains("the chain holds"))
            #expect(try machine.log().contains("reader asked for alarms/ack and is not an operator"))
        }

        /// A drop in silence, as systemd's manual says: what is not allowed looks like a time-out.
        @Test func whatTheConfigurationDoesNotNameCannotBeReached() throws {
            let machine = try Machine()
            try machine.install()
            try machine.startCounters(1502)
            try machine.succeed(
                "ip addr add 192.0.2.1/32 dev lo")
            try machine.write(Machine.plant("192.0.2.1:1502"), to: "/etc/cupel/cupel.yaml")
            try machine.succeed("systemctl start cupel")
            _ = try eventually("it is down") { try machine.show("StatusText").contains("1 down") ? true : nil }
            #expect(try machine.run("cat /run/counter-1502").status != 0, "not one request got through")
            try machine.letThrough()
            #expect(
                try machine.succeed("grep ^IPAddressAllow /etc/systemd/system/cupel.service.d/network.conf")
                    == "IPAddressAllow=192.0.2.1")
            try machine.succeed("systemctl restart cupel")
            _ = try eventually("it answers") { try machine.run("cat /run/counter-1502").status == 0 ? true : nil }
        }

        @Test func whatItDoesNotNeedItDoesNotSee() throws {
            let machine = try running()
            let pid = try machine.show("MainPID")
            let root = "/proc/\(pid)/root"
            #expect(try machine.run("ls \(root)/home/kim").status != 0)
            #expect(try machine.run("ls -A \(root)/root").output == "")
            #expect(try machine.run("ls \(root)/var/log").status != 0)
            #expect(
                try machine.succeed("grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/\(pid)/status").contains(
                    "CapEff:\t0000000000000000"))
        }
    }
}
