import Foundation
import Glibc
import Plant
import TestSupport
import Testing

@testable import Modbus

@Suite struct DialTests {
    @Test func aSocketComesConnectedBlockingAndWithItsOptions() throws {
        let server = try ScriptedServer()
        defer { server.stop() }
        let socket = try Dial.connect(server.endpoint, timeout: .seconds(10), interrupter: Interrupter())
        defer { close(socket) }
        #expect(fcntl(socket, F_GETFL) & O_NONBLOCK == 0)
        #expect(fcntl(socket, F_GETFD) & FD_CLOEXEC != 0)
        let tcp = CInt(IPPROTO_TCP)
        #expect(option(socket, tcp, TCP_NODELAY) != 0)
        #expect(option(socket, SOL_SOCKET, SO_KEEPALIVE) != 0)
        #expect(option(socket, tcp, TCP_KEEPIDLE) == 10)
        #expect(option(socket, tcp, TCP_KEEPINTVL) == 5)
        #expect(option(socket, tcp, TCP_KEEPCNT) == 3)
        #expect(option(socket, tcp, TCP_USER_TIMEOUT) == 25_000)
    }

    @Test func aClosedPortIsRefused() throws {
        let nobody = try ClosedPort()
        #expect(error(nobody.endpoint) == .refused)
    }

    @Test func anEndpointThatDoesNotAnswerIsUnreachableWhenItsTimeIsUp() throws {
        let deaf = try DeafEndpoint()
        #expect(error(deaf.endpoint, timeout: .milliseconds(50)) == .unreachable(ETIMEDOUT))
    }

    @Test func aNameIsNotResolved() {
        #expect(error(Endpoint(host: "localhost", port: 502)) == .localFault(EINVAL))
    }

    @Test func anAddressOfIPv6IsUnderstood() {
        // Port 1 of the loopback: refused where there is IPv6, and no address to use where there is none.
        let error = error(Endpoint(host: "::1", port: 1))
        #expect([.refused, .localFault(EADDRNOTAVAIL), .localFault(EAFNOSUPPORT)].contains(error))
    }

    @Test func aDescriptorThatLibmodbusCannotSelectIsNeverHandedOut() throws {
        let server = try ScriptedServer()
        defer { server.stop() }
        #expect(Dial.descriptorLimit == 1024)
        let found = error(server.endpoint, descriptorLimit: 3)
        #expect(found == .localFault(EMFILE))
    }

    @Test func aFailedAttemptLeavesNoDescriptorBehind() throws {
        let nobody = try ClosedPort()
        // Other tests open and close descriptors meanwhile: a leak of one an attempt would show above their noise.
        let before = openDescriptors()
        for _ in 0..<400 { #expect(error(nobody.endpoint) == .refused) }
        #expect(openDescriptors() - before < 200)
    }

    @Test func anInterruptionEndsTheAttempt() throws {
        let deaf = try DeafEndpoint()
        let interrupter = Interrupter()
        let entered = Gate()
        Thread.detachNewThread {
            _ = entered.wait()
            interrupter.interrupt()
        }
        entered.open()
        // An hour: only the interruption can end it.
        #expect(error(deaf.endpoint, timeout: .seconds(3600), interrupter: interrupter) == .stopped)
        #expect(error(deaf.endpoint, timeout: .seconds(3600), interrupter: interrupter) == .stopped)
    }

    private func error(
        _ endpoint: Endpoint, timeout: Duration = .seconds(10), interrupter: Interrupter = Interrupter(),
        descriptorLimit: CInt = Dial.descriptorLimit
    ) -> ModbusError? {
        do throws(ModbusError) {
            let socket = try Dial.connect(
                endpoint, timeout: timeout, interrupter: interrupter, descriptorLimit: descriptorLimit)
            close(socket)
            return nil
        } catch {
            return error
        }
    }

    private func option(_ socket: CInt, _ level: CInt, _ name: CInt) -> CInt {
        var value: CInt = -1
        var size = socklen_t(MemoryLayout<CInt>.size)
        getsockopt(socket, level, name, &value, &size)
        return value
    }

    private func openDescriptors() -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
    }
}
