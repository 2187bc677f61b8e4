import Foundation
import TestSupport
import Testing

/// A Debian of its own with a real systemd as its first process, in a container that is thrown away: what it writes is in
/// memory, its only network interface is `lo`, and it sees nothing of this machine but the package.
///
/// `make test-service` makes the tree and the package and names them in CUPEL_TREE and CUPEL_DEB.
final class Machine: Sendable {
    static let tree = ProcessInfo.processInfo.environment["CUPEL_TREE"]
    static let package = ProcessInfo.processInfo.environment["CUPEL_DEB"]
    static let isThere = tree != nil && package != nil

    private let container: Program
    let leader: Int32

    /// Boots, in about a second.
    init() throws {
        let (tree, package) = (try #require(Machine.tree), try #require(Machine.package))
        let files = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let servers = files.appending(path: "Servers").path
        // BPF, for IPAddressDeny= to be more than a word.
        container = try Program(
            "/usr/bin/systemd-nspawn",
            [
                "--quiet", "--directory=\(tree)", "--volatile=overlay", "--register=no", "--keep-unit",
                "--private-network", "--console=read-only", "--bind-ro=\(package):/cupel.deb",
                "--bind-ro=\(servers):/servers", "--capability=CAP_BPF,CAP_SYS_ADMIN", "--system-call-filter=bpf",
                "--boot",
            ], environment: ["SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"])
        let container = self.container
        // Its first child is a helper that ends; the one that stays is the system's first process.
        leader = try eventually("a booted system") {
            guard container.isRunning else { throw TestFailure("systemd-nspawn ended: \(try container.exit())") }
            let path = "/proc/\(container.pid)/task/\(container.pid)/children"
            let children = (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: " ") ?? []
            return try children.compactMap { Int32($0) }.last { child in
                let state = try Machine.enter(child, ["/bin/systemctl", "is-system-running"]).output
                return ["running", "degraded"].contains(state)
            }
        }
        try succeed("ip link set lo up")
    }

    deinit {
        _ = try? run("systemctl poweroff")
        _ = try? container.exit()
    }

    typealias Outcome = (status: Int32, output: String, errors: String)

    /// Runs a script in it as root, or as somebody else, who is logged in anew.
    @discardableResult
    func run(_ script: String, as user: String = "root") throws -> Outcome {
        try Machine.enter(
            leader, user == "root" ? ["/bin/bash", "-c", script] : ["/usr/sbin/runuser", "-l", user, "-c", script])
    }

    private static func enter(_ process: Int32, _ words: [String]) throws -> Outcome {
        let all = ["-t", "\(process)", "-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w"]
        return try Program("/usr/bin/nsenter", all + words).exit()
    }

    /// The same; what it prints, and a failed test when it does not end with 0.
    @discardableResult
    func succeed(_ script: String, as user: String = "root", _ place: SourceLocation = #_sourceLocation) throws
        -> String
    {
        let outcome = try run(script, as: user)
        #expect(outcome.status == 0, "\(script): \(outcome.output)\(outcome.errors)", sourceLocation: place)
        return outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func write(_ text: String, to path: String) throws {
        try succeed("cat > \(path) <<'END_OF_FILE'\n\(text)\nEND_OF_FILE")
    }

    // MARK: The service

    func install() throws {
        try succeed("DEBIAN_FRONTEND=noninteractive dpkg -i /cupel.deb")
    }

    /// A property of a unit.
    func show(_ property: String, of unit: String = "cupel") throws -> String {
        try succeed("systemctl show \(unit) -p \(property) --value")
    }

    /// The service's log so far.
    func log(of unit: String = "cupel") throws -> String { try succeed("journalctl -u \(unit) -o cat --no-pager") }

    /// Waits until another process than `old` is ready.
    func waitForAnother(than old: String) throws {
        _ = try eventually("a new process") {
            let state = try run("systemctl show cupel -p ActiveState -p MainPID").output
            let lines = state.split(separator: "\n")
            let isNew = !lines.contains("MainPID=\(old)") && !lines.contains("MainPID=0")
            return lines.contains("ActiveState=active") && isNew ? true : nil
        }
    }

    /// Counters that answer Modbus on these ports of all addresses; each reply has the next number of its port.
    func startCounters(_ ports: Int...) throws {
        try succeed(
            "systemd-run -q --unit=counters /usr/bin/python3 /servers/counter.py \(ports.map(String.init).joined(separator: " "))"
        )
        for port in ports {
            _ = try eventually("port \(port)") {
                try run("ss -Hltn 'sport = :\(port)' | grep -q .").status == 0 ? true : nil
            }
        }
    }

    /// A plant of one counter, with the drop-in for this machine itself.
    func configure(extra: String = "", alarms: String = "") throws {
        try write(Machine.plant(extra: extra, alarms: alarms), to: "/etc/cupel/cupel.yaml")
        try letThrough()
    }

    func letThrough() throws {
        try succeed(
            "cupel systemd-dropin --output /etc/systemd/system/cupel.service.d/network.conf && systemctl daemon-reload")
    }

    static func plant(_ address: String = "127.0.0.1:1502", extra: String = "", alarms: String = "") -> String {
        """
        plant: {name: Test, site: T, time_zone: UTC}
        scan: {fast: 20ms}
        console: {operators: cupel-operators}
        controllers:
          - name: C
            address: "\(address)"
            unit: 1
            tags:
              - {name: n, register: "holding:0", type: uint16, scan: fast}
              - {name: hot, register: "holding:1", type: uint16, scan: fast}
        alarms:
          - {id: hot, tag: C.hot, levels: {high: {limit: 100, priority: high}}}
        \(alarms)
        \(extra)
        """
    }
}
