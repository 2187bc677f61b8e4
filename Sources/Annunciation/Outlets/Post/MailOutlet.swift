import CCurl
public import Plant
import Synchronization

/// Hands each line as a message to a mail server. What the server has taken is its to deliver.
///
/// The server refuses a line only after it has been told of it: 5xx to the sender, a recipient or the message. 5xx before
/// that, to the greeting or a login, is between the two programs, and so is 530, which asks for one; the line is tried
/// again, as with 4xx.
///
/// A message that some recipients were refused has gone to the others. It counts as refused, so that a person sees who
/// was not told; it is not tried again by itself, because one full mailbox must not hold up everybody's next alarm.
public final class MailOutlet: Outlet {
    public var acknowledges: Bool { true }

    private let settings: MailSettings
    private let password: String?
    private let host: String
    private let limits: TransferLimits
    private let stop = OutletStop()
    private let transfer = Mutex<Transfer?>(nil)

    /// - Parameter host: the name of the machine the daemon runs on, for the greeting and the messages' names.
    public convenience init(settings: MailSettings, password: String?, host: String) {
        self.init(settings: settings, password: password, host: host, limits: .mail)
    }

    init(settings: MailSettings, password: String?, host: String, limits: TransferLimits) {
        var settings = settings
        // An address on two lines would be two commands.
        settings.from = settings.from.onOneLine
        settings.to = settings.to.map(\.onOneLine)
        self.settings = settings
        self.password = password
        let plain = host.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") }
        self.host = plain.isEmpty ? "localhost" : plain
        self.limits = limits
    }

    public func interrupt() { stop.set() }
    public func close() { transfer.withLock { $0 = nil } }

    public func send(_ lines: [AlarmLine]) -> Delivery {
        var done = Delivery(taken: 0)
        for line in lines {
            guard !stop.isSet else { return .unavailable(OutletStop.answer, taken: done.taken) }
            transfer.withLock { send(line, with: &$0, into: &done) }
            if done.trouble != nil { break }
        }
        return done
    }

    private func send(_ line: AlarmLine, with transfer: inout Transfer?, into done: inout Delivery) {
        let message = MailMessage(line: line, from: settings.from, to: settings.to, host: host)
        var failure: TransferError?
        do throws(TransferError) {
            let current = if let transfer { transfer } else { try connect() }
            transfer = current
            try current.mail(message.bytes(at: SystemClock().wall() / 1_000_000), to: settings.to)
        } catch {
            // A server that does not answer the goodbye has answered all that counts.
            failure = error == .stopped && !stop.isSet ? nil : error
        }
        guard let exchange = transfer?.exchange else {
            done.trouble = .unavailable(
                failure == .stopped
                    ? OutletStop.answer : "\(settings.server): \(failure.map(\.description) ?? "no session")")
            return
        }
        done.written = exchange.written
        done.answer = exchange.dialogue.last.reply.nonEmpty.map(\.shown) ?? done.answer
        // What the server has said counts, also when the daemon stops before the session's end.
        switch exchange.dialogue.verdict(failure) {
        case nil: done.taken += 1
        case .unavailable(let reason, _)?, .declined(let reason)?:
            done.trouble = .unavailable(
                failure == .stopped ? OutletStop.answer : "\(settings.server): \(reason)")
            // With the dot behind it, it is a message (RFC 5321 4.1.1.4); before, it is none.
            done.mayHaveArrived = exchange.dialogue.isUnanswered && exchange.written != nil
        case .refused(let reason)?: done.trouble = .refused("\(settings.server): \(reason)")
        }
    }

    private func connect() throws(TransferError) -> Transfer {
        let scheme = settings.security == .tls ? "smtps" : "smtp"
        let transfer = try Transfer(
            url: "\(scheme)://\(settings.server)/\(host)", speech: .mail, caFile: settings.caFile, limits: limits,
            stop: stop)
        let usesTLS = settings.security != .none
        try transfer.set(CURLOPT_USE_SSL, Int((usesTLS ? CURLUSESSL_ALL : CURLUSESSL_NONE).rawValue))
        if let user = settings.user {
            try transfer.set(CURLOPT_USERNAME, user)
            try transfer.set(CURLOPT_PASSWORD, password ?? "")
        }
        try transfer.set(CURLOPT_MAIL_FROM, settings.from)
        // The others shall have it all the same.
        try transfer.set(CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1)
        try transfer.set(CURLOPT_UPLOAD, 1)
        // The dialogue tells which recipient was refused.
        try transfer.set(CURLOPT_VERBOSE, 1)
        // Servers end a session that says nothing for some minutes; alarms are rarer than that.
        try transfer.set(CURLOPT_FORBID_REUSE, 1)
        return transfer
    }
}

extension Transfer {
    fileprivate func mail(_ message: [UInt8], to recipients: [String]) throws(TransferError) {
        exchange.begin(upload: message)
        try set(CURLOPT_INFILESIZE, message.count)
        try perform(CURLOPT_MAIL_RCPT, recipients)
    }
}

extension MailDialogue {
    /// What the session means for its message; `nil`: all recipients have it.
    func verdict(_ failure: TransferError?) -> Delivery.Trouble? {
        let turnedAway = recipients.filter { $0.code >= 400 }
        let isTaken = steps.contains { $0.command == "message" && (200..<300).contains($0.code) }
        if isTaken {
            guard !turnedAway.isEmpty else { return nil }
            return .refused("\(MailDialogue.listed(turnedAway)); the other recipients have it")
        }
        let asked = steps.contains { $0.command.hasPrefix("MAIL") }
        if asked, !turnedAway.isEmpty, turnedAway.count == recipients.count {
            let reason = MailDialogue.listed(turnedAway)
            return turnedAway.allSatisfy(\.isFinal) ? .refused(reason) : .unavailable(reason)
        }
        let step = last
        if step.code >= 400 {
            let reason = "\(step.command.isEmpty ? "greeting" : step.command.clipped(to: 80)): \(step.reply.shown)"
            return asked && step.isFinal ? .refused(reason) : .unavailable(reason)
        }
        return .unavailable(failure.map(\.description) ?? "the session ended before the message was taken")
    }

    private static func listed(_ steps: [Step]) -> String {
        steps.map { "\($0.command.dropFirst("RCPT TO:".count)): \($0.reply.shown)" }.joined(separator: "; ")
    }
}

extension MailDialogue.Step {
    /// An answer that will not change by itself; 530 asks for a login, which is the settings' business.
    fileprivate var isFinal: Bool { code >= 500 && code != 530 }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
    /// Of a server's reply.
    fileprivate var shown: String { onOneLine.clipped(to: 200) }
}
