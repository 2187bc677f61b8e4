import CPosix
import Glibc
import Testing

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
}
