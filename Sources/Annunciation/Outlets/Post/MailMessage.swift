import Plant

/// One alarm line, or a digest of several, as a message of RFC 5322.
struct MailMessage {
    /// Characters of a subject: what a telephone shows, and then some.
    private static let subjectLimit = 200
    /// Lines of a digest that are written out. More than anybody reads; it bounds the message to about 200 kB.
    static let memberLimit = 1000

    let line: AlarmLine
    let from: String
    let to: [String]
    /// Where the daemon runs.
    let host: String

    /// - Parameter now: UTC milliseconds.
    func bytes(at now: Int64) -> [UInt8] {
        var headers = [
            "Date: \(MailMessage.date(now))",
            "From: \(from)",
            MailText.folded("To", to.enumerated().map { $1 + ($0 < to.count - 1 ? "," : "") }),
            // The same each time it is sent: whoever gets it twice can drop the second.
            "Message-ID: <\(line.identity).cupel@\(host)>",
            MailText.header("Subject", subject),
        ]
        if line.sequence > 0 { headers.append("X-Cupel-Seq: \(line.sequence)") }
        for (name, field) in [("Boot", AlarmField.boot), ("Priority", .priority)] {
            if let value = line.fields[field] { headers.append(MailText.header("X-Cupel-\(name)", value)) }
        }
        headers += [
            // No holiday notice shall answer (RFC 3834).
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable",
        ]
        return Array("\(headers.joined(separator: "\r\n"))\r\n\r\n\(MailText.quotedPrintable(body))".utf8)
    }

    private var subject: String {
        let first = line.text.split(whereSeparator: \.isNewline).first.map(String.init) ?? "alarm"
        return first.clipped(to: MailMessage.subjectLimit)
    }

    private var body: String {
        var parts = [line.text]
        if line.kind == .digest {
            let shown = line.members.prefix(MailMessage.memberLimit)
            parts.append(shown.map(\.text).map { $0.hasSuffix("\n") ? $0 : $0 + "\n" }.joined())
            if shown.count < line.members.count { parts.append("and \(line.members.count - shown.count) more\n") }
        } else {
            parts.append(facts)
        }
        parts.append(line.json)
        return parts.filter { !$0.isEmpty }.map { $0.hasSuffix("\n") ? $0 : $0 + "\n" }.joined(separator: "\n")
    }

    /// What the operator should do, first.
    private var facts: String {
        var facts: [(String, String?)] = [
            ("What to do", line.fields[.guidance]), ("If nothing is done", line.fields[.consequence]),
            ("Probable cause", line.fields[.cause]), ("Time to respond", line.fields[.response].map { "\($0) s" }),
        ]
        if let reference {
            facts.append(("Alarm", reference))
            if line.announces { facts.append(("To acknowledge", "cupel alarms ack \(reference)")) }
        }
        return facts.compactMap { name, value in value.map { "\(name): \($0)\n" } }.joined()
    }

    /// `alarm@occurrence.revision`, as the operators' commands take it.
    private var reference: String? {
        guard let alarm = line.fields[.alarm], let occurrence = line.fields[.occurrence],
            let revision = line.fields[.revision]
        else { return nil }
        return "\(alarm)@\(occurrence).\(revision)"
    }

    /// `Sat, 03 Jan 2026 10:00:00 +0000`.
    static func date(_ milliseconds: Int64) -> String {
        let stamp = UTCTime.text(milliseconds)
        let days = Int((Double(milliseconds) / 86_400_000).rounded(.down))
        // 1970 began on a Thursday.
        let names = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let parts = stamp.split { "-T.".contains($0) }
        let month = Int(parts[1]).map { months[$0 - 1] } ?? ""
        return "\(names[(days % 7 + 7) % 7]), \(parts[2]) \(month) \(parts[0]) \(parts[3]) +0000"
    }
}
