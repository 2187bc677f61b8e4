import Plant
import TestSupport
import Testing

@testable import Annunciation

private func failure(
    _ url: String, speech: Transfer.Speech = .http, caFile: String? = nil, limits: TransferLimits = .patient,
    stop: OutletStop = OutletStop()
) -> TransferError? {
    do throws(TransferError) {
        let transfer = try Transfer(url: url, speech: speech, caFile: caFile, limits: limits, stop: stop)
        transfer.exchange.begin()
        try transfer.perform()
        return nil
    } catch {
        return error
    }
}

@Suite struct TransferTests {
    @Test func aPortWhereNobodyListensSaysSo() {
        #expect(failure("http://127.0.0.1:1") == .failed("connection refused"))
    }

    @Test func aConnectionThatIsNotMadeEndsAtItsLimit() throws {
        let full = try PostServer("full")
        // The limit of the whole would end it as well, but nobody here waits so long.
        let limits = TransferLimits(connect: .milliseconds(300), total: .seconds(600))
        let error = Elsewhere { failure("http://127.0.0.1:\(full.port)", limits: limits) }
        #expect(try error.value("the connection's end") == .noConnection(within: .milliseconds(300)))
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1:1", "smtp://127.0.0.1:1"])
    func onlyItsOwnSpeechIsSpoken(_ url: String) {
        guard case .failed(let reason) = failure(url) else {
            Issue.record("spoken")
            return
        }
        #expect(reason.contains("not supported or disabled"))
    }

    @Test func authoritiesThatAreNotThereAreNamed() {
        guard case .failed(let reason) = failure("https://127.0.0.1:1", caFile: "/nonexistent.pem") else {
            Issue.record("connected")
            return
        }
        #expect(reason == "connection refused" || reason.contains("/nonexistent.pem"))
    }

    @Test func afterTheStopNothingBegins() throws {
        let stop = OutletStop()
        stop.set()
        let full = try PostServer("full")
        #expect(failure("http://127.0.0.1:\(full.port)", stop: stop) == .stopped)
    }

    /// The first bytes are kept, the rest is read and forgotten.
    @Test func aLongAnswerIsKeptInPart() throws {
        let body = String(repeating: "y", count: 50_000)
        let server = try PostServer("webhook", ["[{\"status\": 200, \"body\": \"\(body)\"}]"])
        let transfer = try Transfer(
            url: "http://127.0.0.1:\(server.port)", speech: .http, caFile: nil, limits: .patient, stop: OutletStop())
        transfer.exchange.begin()
        try transfer.perform()
        #expect(transfer.exchange.body == Array(body.utf8.prefix(TransferExchange.kept)))
    }
}
