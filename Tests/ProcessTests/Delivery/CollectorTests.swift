import Foundation
import TestSupport
import Testing

extension Deliveries {
    /// Collectors of logs and mail that others wrote.
    @Suite(.serialized)
    struct Collectors {
        /// Debian's rsyslogd, also after it was restarted.
        @Test func rsyslogWritesEveryAlarm() throws {
            let place = try Plantyard()
            let (port, socket) = try ServiceTests.deadPort()
            close(socket)
            try """
            global(workDirectory="\(place.path)")
            module(load="imtcp")
            input(type="imtcp" address="127.0.0.1" port="\(port)")
            template(name="all" type="string" string="%pri% %msgid% %structured-data% %msg%\\n")
            action(type="omfile" file="\(place.path)/messages" template="all")

            """.write(toFile: place.path + "/conf", atomically: true, encoding: .utf8)
            func collector() throws -> Program {
                try Program("/usr/sbin/rsyslogd", ["-n", "-f", place.path + "/conf", "-i", place.path + "/pid"])
            }
            func messages(with word: String) throws -> [String] {
                try eventually("rsyslogd's \(word)") {
                    let text = (try? String(contentsOfFile: place.path + "/messages", encoding: .utf8)) ?? ""
                    let lines = text.split(separator: "\n").map(String.init)
                    return lines.contains { $0.contains(word) } ? lines : nil
                }
            }
            let plant = try AlarmYard(
                sinks: "  - {name: log, syslog: {server: \"127.0.0.1:\(port)\"}, match: \"X.*\"}\n",
                priorities: [0: "critical"])
            let daemon = try plant.daemon()
            // Nobody there yet: it waits.
            try plant.raise(0..<3)
            try plant.wait(for: "log", "failing") { $0.breaker == "open" && $0.backlog == 3 }
            var rsyslog = try collector()
            let first = try messages(with: "a2:X.t2")
            #expect(first.count == 3)
            // local0 (16) and alert (1), or critical (2).
            #expect(first[0].hasPrefix("129 raise [alarm@32473 id=\"a0:X.t0\""), "\(first)")
            #expect(first[1].hasPrefix("130 raise [alarm@32473 id=\"a1:X.t1\""), "\(first)")
            rsyslog.signal(SIGTERM)
            try rsyslog.exit()
            rsyslog = try collector()
            try plant.raise(0..<4)
            let second = try messages(with: "a3:X.t3")
            #expect(second.count == 4)
            try plant.stop(daemon)
            rsyslog.signal(SIGTERM)
            try rsyslog.exit()
        }

        /// aiosmtpd, which refuses one recipient for a while.
        @Test func mailGetsToTheServerAndARefusalToTheLetters() throws {
            let script = try #require(Bundle.module.path(forResource: "mail", ofType: "py", inDirectory: "Servers"))
            let server = try Program(Cupel.python, ["-W", "ignore", script])
            let port = try server.line { $0.hasPrefix("port ") }.dropFirst(5)
            let plant = try AlarmYard(
                sinks: """
                      - name: mail
                        mail: {server: "127.0.0.1:\(port)", from: cupel@plant.example, to: [shift@plant.example]}
                        match: "X.*"
                        text: "{{tag}} {{value}}"
                        rate_limit: {lines: 100, every: 1s}
                      - {name: log, file: {path: DIR/log, format: json}}
                    """)
            let daemon = try plant.daemon()
            try plant.raise(0..<1)
            let mail = try server.line { $0.hasPrefix("mail ") }
            #expect(mail.contains("\"cupel@plant.example\"") && mail.contains("\"shift@plant.example\""))
            #expect(mail.contains("X.t0 100"))
            try plant.drain("mail")

            server.send("450 busy")
            _ = try server.line { $0 == "set 450 busy" }
            try plant.raise(0..<2)
            try plant.wait(for: "mail", "failing") { $0.breaker == "open" && $0.backlog == 1 }
            server.send("550 no such user")
            _ = try server.line { $0 == "set 550 no such user" }
            try plant.wait(for: "mail", "a dead letter") { $0.dead == 1 }
            _ = try eventually("the word at the other sink") {
                try ToldLine.all(in: plant.yard.path + "/log").first { $0.what == "undelivered" }
            }
            #expect(try plant.yard.cupel("sinks", "letters", "mail").output.contains("550"))
            server.send("250 OK")
            _ = try server.line { $0 == "set 250 OK" }
            #expect(try plant.yard.cupel("sinks", "resend", "mail").status == 0)
            #expect(try server.line { $0.hasPrefix("mail ") }.contains("X.t1 100"))
            try plant.drain("mail")
            try plant.stop(daemon)
        }
    }
}
