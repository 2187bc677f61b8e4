import CPosix
import Foundation
import Glibc
import Testing

@testable import Console
@testable import Daemon

/// One after the other: the descriptors from 3 on and the environment are the whole process's.
@Suite(.serialized) struct KeptDescriptorsTests {
    @Test func nobodyElsesAreTaken() {
        setenv("LISTEN_PID", "1", 1)
        setenv("LISTEN_FDS", "2", 1)
        setenv("LISTEN_FDNAMES", "readings:other", 1)
        var kept = KeptDescriptors.taken()
        #expect(kept.take("readings") == nil)
        #expect(getenv("LISTEN_FDS") == nil && getenv("LISTEN_PID") == nil && getenv("LISTEN_FDNAMES") == nil)
    }

    @Test func whatIsHandedOverIsGivenOutOnce() {
        var ends: [CInt] = [-1, -1]
        #expect(cupel_pipe(&ends) == 0)
        defer { close(ends[1]) }
        var kept = KeptDescriptors(readings: ends[0])
        let taken = kept.take("readings")
        #expect(taken != nil)
        #expect(kept.take("readings") == nil)
        close(taken ?? -1)
    }

    @Test func socketsAreKnownByTheirPathsAndWhatNobodyKnowsIsClosed() throws {
        let path = "\(NSTemporaryDirectory())/cupel-kept-\(UUID().uuidString.prefix(8)).sock"
        let socket = try LocalSocket(path: path)
        var ends: [CInt] = [-1, -1]
        #expect(cupel_pipe(&ends) == 0)
        // As systemd hands them over: one behind the other, all sockets of a unit by the unit's name.
        let first: CInt = 700
        for (index, descriptor) in [socket.descriptor, ends[0], ends[1], socket.descriptor].enumerated() {
            #expect(dup2(descriptor, first + CInt(index)) >= 0)
        }
        close(ends[0])
        close(ends[1])
        var kept = KeptDescriptors(first: first, count: 4, names: "cupel.socket:readings:cupel.socket:cupel.socket")
        #expect(kept.socketPaths == [path])
        #expect(fcntl(first + 2, F_GETFD) == -1, "a pipe that listens nowhere")
        #expect([first, first + 3].filter { fcntl($0, F_GETFD) == FD_CLOEXEC }.count == 1, "the same socket twice")
        let elsewhere = kept.take(listeningAt: "/elsewhere")
        #expect(elsewhere == nil)
        let found = kept.take(listeningAt: path)
        let taken = try #require(found)
        #expect(LocalSocket.path(of: taken) == path)
        let again = kept.take(listeningAt: path)
        #expect(again == nil)
        #expect(kept.socketPaths == [])
        close(taken)
        let readings = kept.take("readings")
        #expect(readings != nil)
        close(readings ?? -1)
    }
}
