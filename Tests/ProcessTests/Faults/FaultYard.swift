import Foundation
import Historian
import Synchronization
import TestSupport

/// A small plant under load: one controller whose values count its requests, read every few milliseconds.
///
/// Both values of a scan come from one request, so they are equal, and no two scans have the same: a scan that was kept by
/// half, twice or not at all shows.
final class FaultYard {
    static let group = "X/fast"
    static let tags = ["X.a", "X.b"]

    let yard: Plantyard
    let server: ScriptedServer
    /// Everything that was acknowledged so far: the number of the newest scan that the daemon called durable.
    private(set) var acknowledged: UInt64 = 0
    private var mount: Mount?
    private let socket: DaemonSocket

    /// - Parameters:
    ///   - period: milliseconds between two scans.
    ///   - commit: milliseconds between two commits.
    ///   - disk: where the state is kept; `nil` for the machine's own disk.
    init(period: Int = 10, commit: Int = 20, disk: Mount.Disk? = nil) throws {
        let server = try ScriptedServer()
        server.remember { request, address in
            let count = UInt32(truncatingIfNeeded: request.number)
            return UInt16(truncatingIfNeeded: address & 1 == 0 ? count >> 16 : count)
        }
        self.server = server
        yard = try Plantyard(
            """
            plant: {name: Test, site: T, time_zone: UTC}
            history: {commit_every: \(commit)ms}
            scan: {fast: \(period)ms}
            controllers:
              - name: X
                address: 127.0.0.1:\(server.port)
                unit: 1
                tags:
                  - {name: a, register: "holding:0", type: uint32, order: abcd, scan: fast}
                  - {name: b, register: "holding:2", type: uint32, order: abcd, scan: fast}
            """)
        socket = DaemonSocket(yard.state + "/cupel.sock")
        mount = try disk.map { try Mount($0, at: yard.state) }
    }

    deinit {
        server.stop()
        mount = nil
    }

    var disk: Mount {
        get throws {
            guard let mount else { throw TestFailure("this yard has no disk of its own") }
            return mount
        }
    }

    /// The daemon, once people can connect.
    func daemon(environment: [String: String] = [:]) throws -> Program {
        let daemon = try Program(
            Cupel.binary, ["run", "--config", yard.config, "--state", yard.state], environment: environment)
        _ = try daemon.errorLine { $0.contains("socket \(yard.state)/cupel.sock") }
        return daemon
    }

    // MARK: What the daemon says

    private struct Status: Decodable {
        var recorder: RecorderStatus
    }

    /// `nil` when nobody answers.
    func status() throws -> RecorderStatus? {
        guard let text = socket.get("status") else { return nil }
        let status = try JSONDecoder().decode(Status.self, from: text).recorder
        acknowledged = max(acknowledged, status.newestSequences[FaultYard.group] ?? 0)
        return status
    }

    /// Waits until so many more scans are acknowledged.
    @discardableResult
    func acknowledge(_ count: UInt64) throws -> RecorderStatus {
        let start = acknowledged
        return try eventually("\(count) more scans on disk after \(start)") {
            guard let status = try status() else { return nil }
            return acknowledged >= start + count ? status : nil
        }
    }

    func wait(for state: RecorderStatus.State) throws -> RecorderStatus {
        try eventually("the recorder is \(state)") {
            guard let status = try status(), status.state == state else { return nil }
            return status
        }
    }

    /// The newest value on the screen: polling goes on, whatever the database does.
    func newestValue() throws -> UInt32 {
        struct Line: Decodable {
            var value: Double?
        }
        guard let text = socket.get("now?match=X.a") else { throw TestFailure("the daemon does not answer") }
        return UInt32(try JSONDecoder().decode([Line].self, from: text).first?.value ?? 0)
    }

    /// Ends orderly. Whatever was acknowledged is in the history then.
    func stop(_ daemon: Program) throws {
        _ = try status()
        daemon.signal(SIGTERM)
        let end = try daemon.exit()
        guard end.status == 0 else {
            throw TestFailure("the daemon ended with \(end.status): \(end.errors.suffix(2000))")
        }
        try audit()
    }

    /// Ends as a crash does, in the middle of whatever it does.
    func kill(_ daemon: Program) throws {
        daemon.signal(SIGKILL)
        try daemon.exit()
    }

    /// Fails when the history is not as it must be.
    func audit() throws {
        let problems = try Ledger(yard.history).problems(acknowledged: acknowledged)
        guard problems.isEmpty else { throw TestFailure(problems.joined(separator: "; ")) }
    }
}
