import Foundation
import Glibc
import TestSupport
import Testing

@testable import Console

@Suite struct LocalSocketTests {
    private let path = "\(NSTemporaryDirectory())/cupel-socket-\(UUID().uuidString.prefix(8)).sock"

    @Test func ownerAndGroupMayConnectAndTheNameGoesWithIt() throws {
        do {
            let socket = try LocalSocket(path: path)
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o660)
            #expect(LocalSocket.path(of: socket.descriptor) == path)
            #expect(fcntl(socket.descriptor, F_GETFD) == FD_CLOEXEC)
            _ = try StreamPeer(path)
        }
        #expect(access(path, F_OK) != 0)
    }

    @Test func whatSystemdOpenedKeepsItsNameAndIsListenedAtByTheNext() throws {
        let systemd = try LocalSocket(path: path)
        for _ in 1...2 { _ = try LocalSocket(path: path, opened: try systemd.duplicate()) }
        #expect(access(path, F_OK) == 0)
        // Nobody has taken it yet, and it waits.
        _ = try StreamPeer(path)
    }

    @Test func aSocketOfADeadDaemonIsReplacedAndNothingElse() throws {
        do {
            // A name without a listener, as a killed process leaves it.
            let dead = try LocalSocket(path: path + "-2")
            #expect(rename(path + "-2", path) == 0)
            _ = consume dead
        }
        #expect(throws: TestFailure.self) { try StreamPeer(path) }
        do {
            _ = try LocalSocket(path: path)
        }
        try Data("a file".utf8).write(to: URL(filePath: path))
        defer { unlink(path) }
        let error = #expect(throws: LocalSocketError.self) { _ = try LocalSocket(path: path) }
        #expect(error?.description == "\(path): Address already in use")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "a file")
    }

    /// A unit that was removed leaves a socket that nobody can connect to any more.
    @Test func withoutItsNameItIsNone() throws {
        let socket = try LocalSocket(path: path)
        #expect(unlink(path) == 0)
        #expect(LocalSocket.path(of: socket.descriptor) == nil)
    }

    @Test func whoWaitsIsSentAway() throws {
        let socket = try LocalSocket(path: path)
        let peers = [try StreamPeer(path), try StreamPeer(path)]
        LocalSocket.turnAway(socket.descriptor)
        for peer in peers { #expect(try peer.next() == nil) }
        // And it goes on listening.
        _ = try StreamPeer(path)
    }

    @Test func itsPathHasALimit() throws {
        let long = "/tmp/" + String(repeating: "x", count: 103)
        let error = #expect(throws: LocalSocketError.self) { _ = try LocalSocket(path: long) }
        #expect(error?.description == "\(long): expected at most 107 bytes, found 108")
        do {
            let longest = try LocalSocket(path: String(long.dropLast()))
            #expect(LocalSocket.path(of: longest.descriptor) == String(long.dropLast()))
        }
    }

    @Test func onlyWhatListensAtAPathHasOne() throws {
        #expect(LocalSocket.path(of: -1) == nil)
        #expect(LocalSocket.path(of: STDIN_FILENO) == nil)
        for kind in [SOCK_STREAM, SOCK_DGRAM] {
            let descriptor = Glibc.socket(AF_UNIX, CInt(kind.rawValue), 0)
            defer { close(descriptor) }
            #expect(LocalSocket.path(of: descriptor) == nil)
            guard kind == SOCK_STREAM else { continue }
            // Without a name the kernel gives it one that is no path (autobind, unix(7)).
            var name = sockaddr_un()
            name.sun_family = sa_family_t(AF_UNIX)
            let bound = withUnsafePointer(to: &name) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, 2) }
            }
            #expect(bound == 0)
            #expect(listen(descriptor, 1) == 0)
            #expect(LocalSocket.path(of: descriptor) == nil)
        }
        let internet = Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(internet) }
        var here = sockaddr_in()
        here.sin_family = sa_family_t(AF_INET)
        here.sin_addr.s_addr = inet_addr("127.0.0.1")
        let bound = withUnsafePointer(to: &here) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(internet, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        #expect(bound == 0)
        #expect(listen(internet, 1) == 0)
        #expect(LocalSocket.path(of: internet) == nil)
    }
}
