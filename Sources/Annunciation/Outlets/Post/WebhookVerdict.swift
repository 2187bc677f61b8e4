import Plant

/// What an HTTP answer means for the lines it answers.
struct WebhookVerdict {
    enum Meaning: Equatable {
        case taken
        /// The server failed over them.
        case broken(String)
        case later(String, after: Duration?)
        case refused(String)
    }

    /// Characters of an answer's body that are shown.
    private static let shown = 200

    var meaning: Meaning
    /// `HTTP 200: thanks`.
    var answer: String?
    var written: Int64?
    /// The server may have the lines, and did not say.
    var isUnclear = false

    /// - Parameter isUnclear: some of the request was sent.
    static func later(_ reason: String, isUnclear: Bool) -> WebhookVerdict {
        WebhookVerdict(meaning: .later(reason, after: nil), isUnclear: isUnclear)
    }

    private init(meaning: Meaning, isUnclear: Bool) { (self.meaning, self.isUnclear) = (meaning, isUnclear) }

    /// - Parameter transfer: one whose answer is there.
    init(_ transfer: Transfer, at place: String) {
        let status = transfer.status
        let said = String(decoding: transfer.exchange.body, as: UTF8.self).onOneLine.trimmed
            .clipped(to: WebhookVerdict.shown)
        answer = "HTTP \(status)" + (said.isEmpty ? "" : ": \(said)")
        written = transfer.exchange.written
        // `HTTP/1.1 500 Internal Server Error`: the name is the server's own.
        let name = transfer.exchange.statusLine.split(separator: " ", maxSplits: 2).dropFirst(2).joined()
        let reason =
            "\(place): HTTP \(status) \(name.onOneLine.clipped(to: WebhookVerdict.shown))".trimmed
            + (said.isEmpty ? "" : ": \(said)")
        switch status {
        case 200..<300: meaning = .taken
        case 300..<400:
            let target = transfer.redirect?.onOneLine.clipped(to: WebhookVerdict.shown) ?? "an address it does not name"
            meaning = .refused("\(reason); redirects are not followed, this one leads to \(target)")
        case 500: meaning = .broken(reason)
        case 408, 425, 429, 501..<600:
            let wish = transfer.retryAfter
            // A gateway that passed them on and heard nothing it understands, or nothing in time (RFC 9110, 15.6.3, 15.6.5).
            isUnclear = status == 502 || status == 504
            meaning = .later(reason, after: wish > 0 ? min(.seconds(wish), WebhookOutlet.longestWait) : nil)
        default: meaning = .refused("\(reason); a receiver answers 2xx")
        }
    }
}

extension String {
    /// Without spaces at its ends.
    var trimmed: String {
        let rest = drop { $0 == " " }
        guard let end = rest.lastIndex(where: { $0 != " " }) else { return "" }
        return String(rest[...end])
    }
}
