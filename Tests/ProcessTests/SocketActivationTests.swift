import Foundation
import TestSupport
import Testing

/// Sockets that systemd opens, as its own tool for trying that hands them over.
@Suite struct SocketActivationTests {
    @Test func theDaemonServesThemAndLeavesThemThere() throws {
        let server = try ScriptedServer()
        defer { server.stop() }
        let yard = try Plantyard(ServiceTests.yaml([Int(server.port)]))
        let sockets = ["cupel.sock", "alarms.sock", "elsewhere.sock"].map { "\(yard.state)/\($0)" }
        let activator = try Program(
            "/usr/bin/systemd-socket-activate",
            sockets.flatMap { ["-l", $0] }
                + [Cupel.binary, "run", "--config", yard.config, "--state", yard.state])
        _ = try activator.errorLine { $0.contains("Listening on \(sockets[2])") }
        // The first who asks starts it, and waits until it is there.
        let status = try yard.cupel("status")
        #expect(status.status == 0, "\(status.errors)")
        #expect(status.output.contains("1 controllers"))
        _ = try activator.errorLine {
            $0.contains("systemd listens at \(sockets[2])") && $0.contains("nobody is served there")
        }
        let reader = try Program(
            Cupel.python,
            ["-c", "import socket, sys; s = socket.socket(1); s.connect(sys.argv[1]); print(s.recv(4096))", sockets[1]])
        #expect(try reader.exit().output.contains("\"hello\""))
        activator.signal(SIGTERM)
        #expect(try activator.exit().status == 0)
        for path in sockets { #expect(access(path, F_OK) == 0, "\(path) is systemd's") }
    }
}
