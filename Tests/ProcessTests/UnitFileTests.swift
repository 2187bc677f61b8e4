import Foundation
import TestSupport
import Testing

/// `systemd/cupel.service`, as systemd's own tools see it without running it.
@Suite struct UnitFileTests {
    private static let unit = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "../../systemd/cupel.service"
    ).standardized.path

    /// 1.0 of 10, where 10 is a service that may do everything; systemd counts in tenths here.
    @Test func isHardlyExposed() throws {
        let judged = try Program(
            "/usr/bin/systemd-analyze", ["security", "--offline=true", "--no-pager", "--threshold=10", Self.unit]
        ).exit()
        #expect(judged.status == 0, "\(judged.output) \(judged.errors)")
        #expect(judged.output.contains("Overall exposure level"))
    }

    /// Every name and value in it is one that systemd knows.
    @Test func isUnderstoodWhole() throws {
        let yard = try Plantyard(ServiceTests.yaml([502]))
        // The check wants the program to be there.
        let text = try String(contentsOfFile: Self.unit, encoding: .utf8).replacingOccurrences(
            of: "=/usr/bin/cupel ", with: "=\(Cupel.binary) ")
        let path = yard.path + "/cupel.service"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        // Beside it, because a socket wants its service.
        let socket = yard.path + "/cupel.socket"
        try FileManager.default.copyItem(
            atPath: Self.unit.replacingOccurrences(of: ".service", with: ".socket"), toPath: socket)
        let verified = try Program("/usr/bin/systemd-analyze", ["verify", "--man=no", path, socket]).exit()
        #expect(verified.output + verified.errors == "")
        #expect(verified.status == 0)
    }

    /// `cupel@north` is the same service with places of its own; so are what stands beside it.
    @Test(arguments: ["cupel.service", "cupel.socket", "cupel-backup.service", "cupel-backup.timer"])
    func theTemplateIsTheUnitInOtherPlaces(_ name: String) throws {
        let places = [
            ("/etc/cupel", "/etc/cupel/%i"), ("/var/lib/cupel", "/var/lib/cupel-%i"), ("/run/cupel", "/run/cupel-%i"),
            ("Directory=cupel\n", "Directory=cupel-%i\n"), ("7 /var/backups/cupel\n", "7 /var/backups/cupel/%i\n"),
            ("stop cupel cupel.socket", "stop cupel@%i cupel@%i.socket"),
        ]
        func lines(_ name: String) throws -> [Substring] {
            let path = Self.unit.replacingOccurrences(of: "cupel.service", with: name)
            return try String(contentsOfFile: path, encoding: .utf8).split(
                separator: "\n", omittingEmptySubsequences: false)
        }
        let expected = try lines(name).map { line in
            places.reduce("\(line)\n") { $0.replacingOccurrences(of: $1.0, with: $1.1) }.dropLast()
        }
        let template = try lines(name.replacingOccurrences(of: ".", with: "@."))
        #expect(template.filter { !$0.hasPrefix("Description=") } == expected.filter { !$0.hasPrefix("Description=") })
        #expect(template.contains { $0.hasPrefix("Description=") && $0.hasSuffix("%i") })
    }

    @Test func theProgramItStartsKnowsItsOptions() throws {
        let text = try String(contentsOfFile: Self.unit, encoding: .utf8)
        for line in text.split(separator: "\n") where line.contains("=/usr/bin/cupel ") {
            let words = line.split(separator: " ").dropFirst().map(String.init)
            let help = try Program(Cupel.binary, [words[0], "--help"]).exit()
            #expect(help.status == 0)
            for option in words.dropFirst() where option.hasPrefix("--") { #expect(help.output.contains(option)) }
        }
    }

    /// What it lets through is what the configuration has, in systemd's own words.
    @Test func theDropInNamesEachHost() throws {
        let yard = try Plantyard(
            """
            plant: {name: Test, site: T, time_zone: UTC}
            controllers:
              - {name: A, address: ["192.0.2.7:502", "[2001:db8::7]:502"], unit: 1, tags: [{name: x, register: "holding:0", type: uint16}]}
              - {name: B, address: "127.0.0.1:502", unit: 1, tags: [{name: x, register: "holding:0", type: uint16}]}
            sinks:
              - {name: log, syslog: {server: "192.0.2.7:514"}}

            """)
        let made = try yard.cupel("systemd-dropin")
        #expect(made.status == 0)
        let lines = made.output.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(
            lines == [
                "[Service]", "IPAddressAllow=192.0.2.7", "IPAddressAllow=2001:db8::7", "IPAddressAllow=localhost",
            ])
        #expect(made.output.contains("# controller A, sink log\nIPAddressAllow=192.0.2.7\n"))
        let unit = try String(contentsOfFile: Self.unit, encoding: .utf8).replacingOccurrences(
            of: "=/usr/bin/cupel ", with: "=\(Cupel.binary) ")
        let path = yard.path + "/fenced.service"
        try (unit + made.output).write(toFile: path, atomically: true, encoding: .utf8)
        let verified = try Program("/usr/bin/systemd-analyze", ["verify", "--man=no", path]).exit()
        #expect(verified.output + verified.errors == "")
        try yard.write(
            """
            plant: {name: Test, site: T, time_zone: UTC}
            controllers:
              - {name: A, address: "192.0.2.7:502", unit: 1, tags: [{name: x, register: "holding:0", type: uint16}]}
            sinks: [{name: log, syslog: {server: "nobody.invalid:514"}}]

            """)
        let refused = try yard.cupel("systemd-dropin")
        #expect(refused.status == 75)
        #expect(refused.output == "")
        #expect(refused.errors.contains("sink log: nobody.invalid does not resolve"))
    }
}
