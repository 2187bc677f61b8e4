import Foundation
import Plant
import TestSupport
import Testing

@testable import Annunciation

/// A message that the server took.
private struct Taken: Decodable {
    let from: String
    let to: [String]
    let helo: String
    let secure: Bool
    let user: String?
    let names: [String]
    let headers: [String: String]
    let text: String
    let defects: [String]
    let longest: Int
    let ascii: Bool
}

private struct Rig {
    let server: PostServer
    let outlet: MailOutlet

    /// - Parameter options: JSON members, as mail.py describes them.
    init(
        _ options: String = "", to: [String] = ["shift@plant.test"], security: MailSettings.Security = .none,
        user: String? = nil, password: String? = nil, certificate: PostCertificate? = nil, trusts: Bool = true,
        limits: TransferLimits = .patient
    ) throws {
        var members = options.isEmpty ? [] : [options]
        if let certificate {
            members.append("\"certificate\": \"\(certificate.certificate)\", \"key\": \"\(certificate.key)\"")
        }
        server = try PostServer("mail", ["{\(members.joined(separator: ", "))}"])
        outlet = MailOutlet(
            settings: MailSettings(
                server: ServerAddress(host: "127.0.0.1", port: server.port), security: security,
                from: "cupel@plant.test", to: to, user: user, caFile: trusts ? certificate?.certificate : nil),
            password: password, host: "edge-1.plant.test", limits: limits)
    }

    /// The server lives until it has answered.
    func send(_ line: AlarmLine) -> Delivery { withExtendedLifetime(server) { outlet.send([line]) } }

    func taken() throws -> Taken { try server.next(Taken.self) }
}

@Suite struct MailOutletTests {
    @Test func aMessageSaysWhatToDo() throws {
        let rig = try Rig(to: ["shift@plant.test", "chief@plant.test"])
        var fields = AlarmLine.sampleFields
        fields[.guidance] = "Lower the power, look at the crucible"
        fields[.consequence] = "The crucible cracks"
        fields[.cause] = "Thermocouple out of the melt"
        fields[.response] = "300"
        let delivery = rig.send(.sample(7, json: "{\"seq\":7,\"text\":\"1500 \u{b0}C\"}\n", fields: fields))
        #expect(delivery.taken == 1 && delivery.trouble == nil)
        #expect(delivery.answer == "250 2.0.0 Ok: queued as 4711" && delivery.written != nil)
        let mail = try rig.taken()
        #expect(mail.from == "cupel@plant.test" && mail.to == ["shift@plant.test", "chief@plant.test"])
        #expect(mail.helo == "edge-1.plant.test" && !mail.secure && mail.user == nil)
        #expect(mail.headers["From"] == "cupel@plant.test")
        #expect(mail.headers["To"] == "shift@plant.test, chief@plant.test")
        #expect(mail.headers["Subject"] == "melt temperature 1502.3 degC >= 1500")
        #expect(mail.headers["Message-ID"] == "<b1-7.cupel@edge-1.plant.test>")
        #expect(mail.headers["Auto-Submitted"] == "auto-generated")
        #expect(mail.headers["X-Cupel-Seq"] == "7" && mail.headers["X-Cupel-Boot"] == "b1")
        #expect(mail.headers["X-Cupel-Priority"] == "high")
        #expect(
            mail.text == """
                melt temperature 1502.3 degC >= 1500

                What to do: Lower the power, look at the crucible
                If nothing is done: The crucible cracks
                Probable cause: Thermocouple out of the melt
                Time to respond: 300 s
                Alarm: F-01.melt_temp@12.3
                To acknowledge: cupel alarms ack F-01.melt_temp@12.3

                {"seq":7,"text":"1500 \u{b0}C"}

                """)
        #expect(mail.defects.isEmpty && mail.ascii)
    }

    /// A configured text must not become a header, nor be lost, whatever is in it.
    @Test(arguments: [
        "a\r\nBcc: everybody@plant.test\n", "a\u{b}Bcc: x\n", "\u{2028}a: b\n",
        "Schmelze \u{fc}ber 1500 \u{b0}C \u{1F525}\n",
        "=?utf-8?Q?not_a_word?=\n", String(repeating: "words of a long line ", count: 9) + "\n",
        String(repeating: "x", count: 199) + "\n", String(repeating: "\u{20ac}", count: 500) + "\n", "\n", ".\n.\n",
        "clears\u{1b}the screen\n",
    ])
    func anyTextIsASubject(_ text: String) throws {
        let rig = try Rig()
        #expect(rig.send(.sample(text: text)).taken == 1)
        let mail = try rig.taken()
        let first = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? "alarm"
        let words = first.split { $0 == " " || $0 == "\u{1b}" }.joined(separator: " ")
        #expect(mail.headers["Subject"] == (words.count > 200 ? words.prefix(199) + "\u{2026}" : words))
        #expect(!mail.names.contains("Bcc") && mail.names.count == Set(mail.names).count)
        #expect(mail.longest <= 76 && mail.ascii && mail.defects.isEmpty)
        let lines = { (text: String) in text.split(whereSeparator: \.isNewline).map(String.init) }
        #expect(lines(mail.text).starts(with: lines(text)))
    }

    @Test func aDigestShowsAllItHolds() throws {
        let rig = try Rig()
        let members = (1...40).map { AlarmLine.sample(Int64($0), text: "alarm number \($0)\n") }
        #expect(rig.send(.sample(0, kind: .digest, text: "40 alarms\n", json: "{}\n", members: members)).taken == 1)
        let text = try rig.taken().text
        for number in 1...40 { #expect(text.contains("alarm number \(number)\n")) }
        #expect(!text.contains("acknowledge"))
    }

    @Test func whoeverIsTakenGetsItAndWhoeverIsNotIsTold() throws {
        let rig = try Rig(
            "\"replies\": {\"gone@plant.test\": \"550 no such user\"}",
            to: ["shift@plant.test", "gone@plant.test", "chief@plant.test"])
        let delivery = rig.send(.sample())
        #expect(try rig.taken().to == ["shift@plant.test", "chief@plant.test"])
        #expect(
            delivery.trouble
                == .refused(
                    "127.0.0.1:\(rig.server.port): <gone@plant.test>: 550 no such user; the other recipients have it"))
    }

    @Test(arguments: [
        ("550 no", "550 never", true), ("450 full", "451 later", false), ("550 no", "450 full", false),
    ])
    func withoutAnyRecipientItDependsOnWhetherOneMayBeTakenLater(_ one: String, _ other: String, _ isFinal: Bool) throws
    {
        let rig = try Rig(
            "\"replies\": {\"a@plant.test\": \"\(one)\", \"b@plant.test\": \"\(other)\"}",
            to: ["a@plant.test", "b@plant.test"])
        let delivery = rig.send(.sample())
        let reason = "127.0.0.1:\(rig.server.port): <a@plant.test>: \(one); <b@plant.test>: \(other)"
        #expect(delivery.taken == 0)
        #expect(delivery.trouble == (isFinal ? .refused(reason) : .unavailable(reason)))
    }

    @Test(arguments: [
        ("sender", "553 not you", "MAIL FROM:<cupel@plant.test>", true), ("sender", "451 later", "MAIL FROM:", false),
        ("sender", "530 log in first", "MAIL FROM:", false), ("data", "554 spam", "message: 554 spam", true),
        ("data", "452 disk full", "message: 452 disk full", false),
        ("greeting", "554 no mail here", "greeting: 554 no mail here", false),
        ("greeting", "421 busy", "greeting", false),
        ("greeting", "garbage", "no whole answer", false),
    ])
    func theServersNoIsFinalOnlyOnceItKnowsTheMessage(
        _ step: String, _ reply: String, _ words: String, _ isFinal: Bool
    ) throws {
        let rig = try Rig("\"\(step)\": \"\(reply)\"", limits: step == "greeting" ? .greeting : .patient)
        let delivery = rig.send(.sample())
        #expect(delivery.taken == 0 && delivery.isUnavailable == !isFinal && !delivery.mayHaveArrived)
        #expect(delivery.reason.contains(words) && delivery.reason.hasPrefix("127.0.0.1:\(rig.server.port): "))
    }

    @Test func aServerThatDoesNotGreetIsTriedAgain() throws {
        let rig = try Rig(
            "\"greeting\": \"\"", limits: TransferLimits(connect: .milliseconds(300), total: .seconds(60)))
        #expect(
            rig.send(.sample()).trouble
                == .unavailable("127.0.0.1:\(rig.server.port): no whole answer within 0.3 seconds"))
    }

    @Test(arguments: [("starttls", MailSettings.Security.starttls), ("tls", .tls)])
    func aMessageGoesOverTLSToWhomWeTrust(_ kind: String, _ security: MailSettings.Security) throws {
        let certificate = try PostCertificate()
        let rig = try Rig("\"tls\": \"\(kind)\"", security: security, certificate: certificate)
        #expect(rig.send(.sample()).taken == 1)
        #expect(try rig.taken().secure)
        let stranger = try Rig("\"tls\": \"\(kind)\"", security: security, certificate: certificate, trusts: false)
        #expect(stranger.send(.sample()).reason.contains("certificate"))
    }

    /// Who takes STARTTLS out of the greeting gets no message in the clear.
    @Test func withoutTheTLSThatWasAskedForNothingIsSent() throws {
        let delivery = try Rig(security: .starttls).send(.sample())
        #expect(delivery.isUnavailable && delivery.taken == 0)
    }

    @Test func theLoginDecidesAndIsNotShown() throws {
        let login = "\"login\": [\"cupel\", \"sesame\"]"
        let rig = try Rig(login, user: "cupel", password: "sesame")
        #expect(rig.send(.sample()).taken == 1)
        #expect(try rig.taken().user == "cupel")
        let wrong = try Rig(login, user: "cupel", password: "guess").send(.sample())
        #expect(wrong.isUnavailable && wrong.reason.contains("535"))
        #expect(!wrong.reason.contains("guess") && !wrong.reason.contains("Y3VwZWw"))
        let none = try Rig(login).send(.sample())
        #expect(none.isUnavailable && none.reason.contains("530"))
    }

    @Test func oneOutletSendsManyMessages() throws {
        let rig = try Rig()
        for sequence in 1...3 { #expect(rig.send(.sample(Int64(sequence))).taken == 1) }
        #expect(try (0..<3).map { _ in try rig.taken().headers["X-Cupel-Seq"] } == ["1", "2", "3"])
    }

    /// libcurl's own patience at the end of a session is two minutes.
    @Test func aServerThatDoesNotAnswerTheGoodbyeHasTheMessageAllTheSame() throws {
        let rig = try Rig("\"quit\": true")
        let sending = Elsewhere { [rig.send(.sample(1)), rig.send(.sample(2))] }
        for delivery in try sending.value("two messages that were taken") {
            #expect(delivery.taken == 1 && delivery.trouble == nil)
            #expect(delivery.answer == "250 2.0.0 Ok: queued as 4711")
        }
    }

    @Test func whoeverDoesNotAnswerTheGoodbyeHasRefusedWhatItHasRefused() throws {
        let rig = try Rig("\"quit\": true, \"data\": \"452 disk full\"")
        let delivery = try Elsewhere { rig.send(.sample()) }.value("the session's end")
        #expect(delivery.isUnavailable && delivery.reason.hasSuffix("message: 452 disk full"))
        #expect(!delivery.mayHaveArrived)
    }

    @Test func aStopAfterTheServersYesDoesNotTakeItBack() throws {
        let rig = try Rig("\"quit\": true")
        let delivery = try rig.outlet.interrupted(sending: [.sample()]) {
            _ = try rig.taken()
            _ = try rig.server.program.line()
        }
        #expect(delivery.taken == 1 && delivery.trouble == nil)
    }

    @Test(arguments: ["", "cut"])
    func aMessageThatNobodyAnsweredMayHaveArrived(_ data: String) throws {
        let rig = try Rig("\"data\": \"\(data)\"", limits: data.isEmpty ? .greeting : .patient)
        let delivery = rig.send(.sample())
        #expect(delivery.isUnavailable && delivery.taken == 0 && delivery.mayHaveArrived)
    }

    @Test func aServerThatIsGoneIsTriedAgain() {
        let outlet = MailOutlet(
            settings: MailSettings(
                server: ServerAddress(host: "127.0.0.1", port: 1), from: "a@b.test", to: ["c@d.test"]),
            password: nil, host: "x")
        #expect(outlet.send([.sample()]).trouble == .unavailable("127.0.0.1:1: connection refused"))
        outlet.interrupt()
        #expect(outlet.send([.sample()]) == .unavailable("the daemon is stopping"))
    }

    @Test func aStopEndsASend() throws {
        let rig = try Rig("\"greeting\": \"\"")
        let delivery = try rig.outlet.interrupted(sending: [.sample()]) { _ = try rig.server.program.line() }
        #expect(delivery == .unavailable("the daemon is stopping"))
    }

    @Test(arguments: [
        (Int64(0), "Thu, 01 Jan 1970 00:00:00 +0000"), (1_767_434_400_123, "Sat, 03 Jan 2026 10:00:00 +0000"),
        (951_782_399_999, "Mon, 28 Feb 2000 23:59:59 +0000"), (-1, "Wed, 31 Dec 1969 23:59:59 +0000"),
    ])
    func datesAreThoseOfMail(_ milliseconds: Int64, _ text: String) {
        #expect(MailMessage.date(milliseconds) == text)
    }
}

extension TransferLimits {
    /// For a server that says one thing and then nothing.
    fileprivate static let greeting = TransferLimits(connect: .seconds(60), total: .milliseconds(500))
}
