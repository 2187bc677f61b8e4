import Foundation
import Glibc
import Plant
import TestSupport
import Testing

@testable import Annunciation

/// What the server was asked.
private struct Asked: Decodable {
    let connection: Int
    let request: String
    let headers: [String: String]
    let body: String
    let signed: Bool?
}

private struct Rig {
    let server: PostServer
    let outlet: WebhookOutlet

    /// - Parameter script: JSON, as webhook.py describes it.
    init(
        _ script: String, batch: Int = 100, key: String? = nil, limits: TransferLimits = .patient,
        certificate: PostCertificate? = nil, trusts: Bool = true
    ) throws {
        server = try PostServer("webhook", [script] + (certificate.map { [$0.certificate, $0.key] } ?? []))
        let scheme = certificate == nil ? "http" : "https"
        outlet = WebhookOutlet(
            settings: WebhookSettings(
                url: "\(scheme)://127.0.0.1:\(server.port)/alarms?secret",
                caFile: trusts ? certificate?.certificate : nil,
                batch: batch),
            key: key.map { Array($0.utf8) }, limits: limits)
    }

    var place: String { "http://127.0.0.1:\(server.port)" }

    /// The server lives until it has answered.
    func send(_ lines: [AlarmLine]) -> Delivery { withExtendedLifetime(server) { outlet.send(lines) } }

    func asked() throws -> Asked { try server.next(Asked.self) }
}

extension TransferLimits {
    /// For answers that come: no machine is so slow.
    static let patient = TransferLimits(connect: .seconds(60), total: .seconds(60))
    /// For answers that never come.
    static let brief = TransferLimits(connect: .seconds(60), total: .milliseconds(300))
}

@Suite struct WebhookOutletTests {
    @Test func linesArriveAsOneArrayThatIsSignedAndNamed() throws {
        let rig = try Rig("[{\"status\": 204}]", key: "the key of the tests")
        let delivery = rig.send([.sample(7), .sample(8), .sample(11)])
        #expect(delivery.taken == 3 && delivery.trouble == nil && delivery.answer == "HTTP 204")
        #expect(delivery.written != nil)
        let asked = try rig.asked()
        #expect(asked.request == "POST /alarms?secret HTTP/1.1")
        #expect(asked.body == "[{\"seq\":7},{\"seq\":8},{\"seq\":11}]")
        #expect(asked.headers["content-type"] == "application/json")
        #expect(asked.headers["user-agent"] == "cupel")
        #expect(asked.headers["idempotency-key"] == "b1-7-11-3")
        #expect(asked.signed == true)
    }

    @Test func aSignatureOfAnotherKeyIsNotOurs() throws {
        let rig = try Rig("[{\"status\": 204}]", key: "another key")
        _ = rig.send([.sample()])
        #expect(try rig.asked().signed == false)
        let plain = try Rig("[{\"status\": 204}]")
        _ = plain.send([.sample()])
        #expect(try plain.asked().signed == nil)
    }

    @Test func aLineHasTheSameKeyEachTimeAndNoOtherLineHasIt() throws {
        let rig = try Rig("[{\"status\": 503}, {\"status\": 200, \"body\": \"thanks\\nfor it\"}]")
        #expect(rig.send([.sample(7)]).isUnavailable)
        #expect(rig.send([.sample(7)]).answer == "HTTP 200: thanks for it")
        for line in [.sample(0, json: "{\"a\":1}\n"), AlarmLine.sample(0, json: "{\"a\":2}\n")] {
            #expect(rig.send([line]).taken == 1)
        }
        let keys = try (0..<4).map { _ in try rig.asked().headers["idempotency-key"] }
        #expect(keys[0] == "b1-7" && keys[1] == "b1-7")
        #expect(Set(keys).count == 3 && keys.allSatisfy { $0?.hasPrefix("b1-") ?? false })
    }

    @Test func severalSendsUseOneConnection() throws {
        let rig = try Rig("[{\"status\": 204}]")
        for sequence in 1...3 { #expect(rig.send([.sample(Int64(sequence))]).taken == 1) }
        #expect(try (0..<3).map { _ in try rig.asked().connection } == [1, 1, 1])
    }

    @Test(arguments: [408, 425, 429, 500, 502, 503, 504, 507])
    func theServersTroubleIsTriedAgain(_ status: Int) throws {
        let rig = try Rig("[{\"status\": \(status), \"reason\": \"Not Now\", \"body\": \"busy\"}]")
        let delivery = rig.send([.sample()])
        #expect(delivery.taken == 0)
        #expect(delivery.trouble == .unavailable("\(rig.place): HTTP \(status) Not Now: busy"))
        // Behind a gateway somebody may have them.
        #expect(delivery.mayHaveArrived == [502, 504].contains(status))
    }

    @Test(arguments: [400, 401, 403, 404, 410, 413, 422, 304])
    func anyOtherAnswerRefuses(_ status: Int) throws {
        let delivery = try Rig("[{\"status\": \(status)}]").send([.sample()])
        guard case .refused(let reason) = delivery.trouble else {
            Issue.record("\(delivery)")
            return
        }
        #expect(reason.contains("HTTP \(status)"))
        #expect(delivery.taken == 0)
    }

    @Test func aRedirectIsNotFollowedButTold() throws {
        let rig = try Rig("[{\"status\": 301, \"headers\": {\"Location\": \"/elsewhere\"}}, {\"status\": 204}]")
        let delivery = rig.send([.sample()])
        #expect(
            delivery.trouble
                == .refused(
                    "\(rig.place): HTTP 301 Said; redirects are not followed, this one leads to \(rig.place)/elsewhere")
        )
        _ = try rig.asked()
        _ = rig.send([.sample()])
        #expect(try rig.asked().request.contains("/alarms"))
    }

    @Test func theWishToBeLeftAloneIsHonouredWithinReason() throws {
        func after(_ value: String) throws -> Duration? {
            let rig = try Rig("[{\"status\": 503, \"headers\": {\"Retry-After\": \"\(value)\"}}]")
            guard case .unavailable(_, let after) = rig.send([.sample()]).trouble else { return .zero }
            return after
        }
        #expect(try after("7") == .seconds(7))
        #expect(try after("100000000") == WebhookOutlet.longestWait)
        #expect(try after("Fri, 01 Jan 2100 00:00:00 GMT") == WebhookOutlet.longestWait)
        #expect(try after("Fri, 02 Jan 1970 00:00:00 GMT") == nil)
        #expect(try after("soon") == nil)
    }

    @Test func aWishIsForgottenWithTheNextAnswer() throws {
        let rig = try Rig("[{\"status\": 503, \"headers\": {\"Retry-After\": \"7\"}}, {\"status\": 503}]")
        #expect(rig.send([.sample()]).trouble == .unavailable("\(rig.place): HTTP 503 Said", after: .seconds(7)))
        #expect(rig.send([.sample()]).trouble == .unavailable("\(rig.place): HTTP 503 Said"))
    }

    @Test(arguments: ["garbage", "close", "cut"])
    func whatIsNoAnswerIsTriedAgain(_ what: String) throws {
        let rig = try Rig("[{\"do\": \"\(what)\"}, {\"status\": 204}]")
        let delivery = rig.send([.sample()])
        #expect(delivery.isUnavailable && delivery.taken == 0 && delivery.mayHaveArrived)
        #expect(delivery.reason.hasPrefix("\(rig.place): "))
        #expect(!delivery.reason.contains("secret"))
        #expect(rig.send([.sample()]).taken == 1)
    }

    @Test func silenceEndsAtTheLimit() throws {
        let rig = try Rig("[{\"do\": \"silence\"}]", limits: .brief)
        #expect(
            rig.send([.sample()]) == .unavailable("\(rig.place): no whole answer within 0.3 seconds").unclear)
    }

    /// A repeat must not be called one when the server cannot have the first.
    @Test func whereNothingWasSentNothingCanHaveArrived() throws {
        let nobody = WebhookOutlet(
            settings: WebhookSettings(url: "http://127.0.0.1:\(try freePort())/"), key: nil, limits: .patient)
        #expect(nobody.send([.sample()]).isUnavailable && !nobody.send([.sample()]).mayHaveArrived)
        // Nor where the last try was answered, and this one found nobody.
        let rig = try Rig("[{\"status\": 503}]")
        #expect(!rig.send([.sample()]).mayHaveArrived)
        rig.server.program.signal(SIGKILL)
        try rig.server.program.exit()
        #expect(!rig.send([.sample()]).mayHaveArrived)
    }

    @Test func anAnswerWithoutEndIsCutOffAndItsStatusCounts() throws {
        let taken = try Rig("[{\"do\": \"endless\"}]").send([.sample()])
        #expect(taken.taken == 1 && taken.trouble == nil)
        let rig = try Rig("[{\"do\": \"endless\", \"status\": 404}]")
        #expect(
            rig.send([.sample()]).trouble == .unavailable("\(rig.place): the answer is longer than 65536 bytes"))
    }

    @Test func oneLineThatIsRefusedTakesNoOtherWithIt() throws {
        let rig = try Rig("[{\"status\": 422, \"poison\": \"\\\"seq\\\":37}\"}]")
        let lines = (1...100).map { AlarmLine.sample(Int64($0)) }
        let delivery = rig.send(lines)
        #expect(delivery.taken == 36)
        guard case .refused = delivery.trouble else {
            Issue.record("\(delivery)")
            return
        }
        let rest = rig.send(Array(lines[37...]))
        #expect(rest.taken == 63 && rest.trouble == nil)
    }

    /// A server that answers 500 to one line must get those before it, and then that line alone.
    @Test func oneLineThatBreaksTheServerIsAloneInTheEnd() throws {
        let rig = try Rig("[{\"status\": 500, \"poison\": \"\\\"seq\\\":6}\"}]")
        var lines = (1...8).map { AlarmLine.sample(Int64($0)) }
        for _ in 0..<20 where lines.first?.sequence != 6 {
            let delivery = rig.send(lines)
            lines.removeFirst(delivery.taken)
            #expect(delivery.isUnavailable)
        }
        #expect(lines.first?.sequence == 6)
        _ = rig.send(lines)
        lines.removeFirst()
        #expect(rig.send(lines).taken == 2)
    }

    /// The server may have taken what it did not answer: it must be able to tell that it has.
    @Test func whatWasNotAnsweredComesAgainUnderItsKeyAlthoughMoreIsWaiting() throws {
        let rig = try Rig("[{\"do\": \"close\"}, {\"status\": 204}]")
        #expect(rig.send([.sample(1), .sample(2)]).isUnavailable)
        #expect(rig.send([.sample(1), .sample(2), .sample(3), .sample(4)]).taken == 4)
        let keys = try (0..<3).map { _ in try rig.asked().headers["idempotency-key"] }
        #expect(keys == ["b1-1-2-2", "b1-1-2-2", "b1-3-4-2"])
    }

    @Test func noBodyIsLongerThanItsLimit() throws {
        let rig = try Rig("[{\"status\": 204}]")
        let json = "{\"pad\":\"\(String(repeating: "x", count: 4000))\"}\n"
        let lines = (1...100).map { AlarmLine.sample(Int64($0), json: json) }
        #expect(rig.send(lines).taken == 100)
        let bodies = try (0..<2).map { _ in try rig.asked().body }
        #expect(bodies.allSatisfy { $0.utf8.count <= WebhookOutlet.bodyLimit })
        #expect(bodies.map { $0.components(separatedBy: "pad").count - 1 }.reduce(0, +) == 100)
    }

    @Test func theBatchIsWhatTheSettingsSay() throws {
        let rig = try Rig("[{\"status\": 204}]", batch: 2)
        #expect(rig.outlet.batchLimit == 2)
        #expect(rig.send([.sample(1), .sample(2), .sample(3)]).taken == 3)
        #expect(try (0..<2).map { _ in try rig.asked().body } == ["[{\"seq\":1},{\"seq\":2}]", "[{\"seq\":3}]"])
        #expect(WebhookOutlet(settings: WebhookSettings(url: "http://x", batch: 5000), key: nil).batchLimit == 100)
    }

    @Test func aServerIsBelievedOnlyWithACertificateThatIsTrusted() throws {
        let certificate = try PostCertificate()
        #expect(try Rig("[{\"status\": 204}]", certificate: certificate).send([.sample()]).taken == 1)
        let stranger = try Rig("[{\"status\": 204}]", certificate: certificate, trusts: false)
        let delivery = stranger.send([.sample()])
        #expect(delivery.isUnavailable && delivery.reason.contains("certificate"))
    }

    @Test func aStopEndsASendAndAllLaterOnes() throws {
        let rig = try Rig("[{\"do\": \"silence\"}]")
        let delivery = try rig.outlet.interrupted(sending: [.sample()]) { _ = try rig.asked() }
        #expect(delivery == .unavailable("the daemon is stopping").unclear)
        #expect(rig.send([.sample()]) == .unavailable("the daemon is stopping"))
    }

    @Test(arguments: [
        ("https://user:word@hooks.example.com:8443/T0/B1?key=1", "https://hooks.example.com:8443"),
        ("http://[::1]:80", "http://[::1]:80"), ("nonsense", "webhook"), ("https://a:b@c@h/x", "https://h"),
        ("https://user:pass/word@host/x", "https://user"), ("https://user:12/34@host", "https://user"),
        ("https://user:p@ss/word@host", "webhook"), ("https://user:p?s@host", "https://user"),
        ("https://user:p#s@host", "https://user"), ("http://[::1]:80/a@b", "webhook"),
        ("https://outlook.example/webhook/1@2/3", "https://outlook.example"),
    ])
    func secretsOfAnAddressAreNotShown(_ url: String, _ shown: String) {
        #expect(WebhookOutlet.place(of: url) == shown)
    }
}
