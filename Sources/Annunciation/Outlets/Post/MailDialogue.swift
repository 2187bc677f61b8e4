/// Who said what in an SMTP session: libcurl tells that a recipient was refused, but not which.
struct MailDialogue {
    struct Step: Equatable {
        /// What was asked: `RCPT TO:<a@b>`; `message` for the message itself; empty for the greeting. Of a login only its
        /// first word.
        var command: String
        /// The last line of the answer: `250 2.1.5 Ok`; empty while there is none.
        var reply: String

        var code: Int { Int(reply.prefix(3)) ?? 0 }
    }

    /// Steps that are kept: the 100 recipients that every server must take (RFC 5321 4.5.3.1.8), twice.
    static let limit = 200

    private(set) var steps = [Step(command: "", reply: "")]

    mutating func sent(_ text: String) {
        let line = text.prefix { !$0.isNewline }
        let verb = line.prefix { $0.isLetter && $0.isASCII }
        let isPlain = ["EHLO", "HELO", "STARTTLS", "MAIL", "RCPT", "DATA", "QUIT"].contains(verb)
        // What follows AUTH are names and passwords.
        ask(isPlain ? String(line) : "AUTH")
    }

    mutating func sentMessage() {
        if steps.last?.command != "message" { ask("message") }
    }

    private mutating func ask(_ command: String) {
        // The last step decides, and is never missing.
        if steps.count == MailDialogue.limit { steps.removeLast() }
        steps.append(Step(command: command, reply: ""))
    }

    mutating func received(_ text: String) {
        guard let line = text.split(whereSeparator: \.isNewline).last else { return }
        steps[steps.count - 1].reply = String(line)
    }

    /// What each recipient's server said.
    var recipients: [Step] { steps.filter { $0.command.hasPrefix("RCPT TO:") } }

    /// Whether the client has said its last word.
    var isOver: Bool { steps.last?.command.hasPrefix("QUIT") == true }

    /// Whether a message, or a part of it, was sent and the server has not said what it does with it.
    var isUnanswered: Bool { steps.contains { $0.command == "message" && $0.code < 200 } }

    /// The last thing asked before the session's end.
    var last: Step { steps.last { $0.command != "QUIT" } ?? Step(command: "", reply: "") }
}
