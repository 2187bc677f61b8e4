import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Console

/// Who may read, and who may do something.
@Suite(.serialized) struct OperatorsOnlyTests {
    /// Of every Debian, with the number 1.
    private static let group = "daemon"

    @Test func theGroupCountsAndRootAndWhoRunsIt() {
        let stranger = Peer(user: 54_321, groups: [54_321, 4])
        #expect(stranger.mayOperate(nil), "nobody said who may not")
        #expect(!stranger.mayOperate(Self.group))
        #expect(Peer(user: 54_321, groups: [54_321, 1]).mayOperate(Self.group))
        #expect(Peer(user: 0, groups: [0]).mayOperate(Self.group))
        #expect(Peer(user: geteuid(), groups: []).mayOperate(Self.group))
        #expect(!stranger.mayOperate("no-such-group"), "a group that is not there has no members")
        #expect(!Peer.unknown.mayOperate(nil) && !Peer.unknown.mayOperate(Self.group))
    }

    @Test func aNameOrANumber() {
        #expect(Peer(user: 0, groups: []).name == "root")
        #expect(Peer(user: 54_321, groups: []).name == "uid:54321")
        #expect(Peer.unknown.name == "unknown")
    }

    /// Asks as a user without an account, who is in one more group than its own.
    private func answers(_ requests: [[String]], asMemberOf group: UInt32, _ backend: FakeBackend) async throws
        -> [String]
    {
        try await servingConsole(backend) { path in
            chmod(path, 0o666)
            return try requests.map { request in
                let curl = try Program(
                    "/usr/bin/setpriv",
                    [
                        "--reuid=54321", "--regid=54321", "--groups=\(group),54322", "/usr/bin/curl", "-s", "-w",
                        " %{http_code}", "--unix-socket", path,
                    ] + request)
                return try curl.exit().output
            }
        }
    }

    /// Only root can become somebody else.
    @Test(.enabled(if: geteuid() == 0)) func whoIsNoOperatorReadsAndNothingElse() async throws {
        let posts = [
            "alarms/ack", "alarms/shelve", "heats", "sinks/test", "sinks/resend", "annotations", "imports",
            "reload", "not/there/yet",
        ]
        let backend = FakeBackend()
        backend.access.withLock { $0.operators = Self.group }
        let refused = try await answers(
            [["http://cupel/alarms"]] + posts.map { ["-d", "[]", "http://cupel/\($0)"] }
                + [["-X", "DELETE", "http://cupel/heats"]], asMemberOf: 4, backend)
        #expect(refused[0].hasSuffix(" 200"))
        for answer in refused.dropFirst() {
            #expect(answer.hasSuffix(" 403"), "\(answer)")
            #expect(answer.contains("uid:54321 may read, and do nothing") && answer.contains("group daemon"))
        }
        #expect(backend.access.withLock { $0.turnedAway } == (posts + ["heats"]).map { "uid:54321: \($0)" })

        let obeyed = try await answers([["-d", "[]", "http://cupel/alarms/ack"]], asMemberOf: 1, backend)
        #expect(obeyed == ["[] 200"])
    }
}
