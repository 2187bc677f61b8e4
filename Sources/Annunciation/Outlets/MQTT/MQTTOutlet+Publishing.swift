import CMosquitto
import Plant
import Ring

extension MQTTOutlet {
    struct Trouble {
        let words: String
        /// Nothing more is to be expected of the session.
        var isBroken = false
        var isRefusal = false
    }

    struct Publishing {
        /// So many of the messages, from the first, the broker has.
        var taken: Int
        /// Those behind them that it has as well, or may have.
        var uncertain: Set<Int> = []
        var trouble: Trouble?
        /// CLOCK_MONOTONIC nanoseconds when the library had them.
        var written: Int64
    }

    /// Publishes, and waits until the broker has all of it.
    func publish(
        _ messages: [MQTTMessage], _ session: MQTTSession, within patience: Duration, unless stopped: () -> Bool
    ) -> Publishing {
        session.forgetAnswers()
        var ids: [CInt] = []
        var trouble: Trouble?
        for message in messages {
            let (id, code) = session.publish(message)
            guard code == 0 else {
                trouble = self.trouble(with: message, code)
                break
            }
            ids.append(id)
        }
        let written = clock.monotonic()
        var answers: [CInt: CInt] = [:]
        while answers.count < ids.count, session.ended == nil {
            let before = answers.count
            let came = wait(within: patience, unless: stopped) {
                answers = session.answers(to: ids)
                return answers.count > before || session.ended != nil
            }
            if !came { break }
        }
        var publishing = Publishing(
            taken: ids.prefix { answers[$0].map { $0 < 128 } ?? false }.count, trouble: trouble, written: written)
        let taken = publishing.taken
        publishing.uncertain = Set((taken..<ids.count).filter { (answers[ids[$0]] ?? 0) < 128 })
        if taken < ids.count {
            publishing.trouble =
                answers[ids[taken]].map { answer(messages[taken], $0) }
                ?? Trouble(
                    words: session.ended ?? "\(settings.server): no PUBACK within \(patience)", isBroken: true)
        }
        return publishing
    }

    /// What the library says of a message.
    private func trouble(with message: MQTTMessage, _ code: CInt) -> Trouble {
        let words = "\(settings.server): \(message.topic): \(MQTTSession.words(code))"
        return switch mosq_err_t(code) {
        // Over the broker's own limit for a message.
        case MOSQ_ERR_OVERSIZE_PACKET, MOSQ_ERR_PAYLOAD_SIZE, MOSQ_ERR_MALFORMED_UTF8:
            Trouble(words: words, isRefusal: true)
        // A wrong topic in the configuration costs no alarms: they wait until it is mended.
        case MOSQ_ERR_INVAL:
            Trouble(words: words)
        default:
            Trouble(words: words, isBroken: true)
        }
    }

    /// What the broker says of a message.
    private func answer(_ message: MQTTMessage, _ code: CInt) -> Trouble {
        let refusals = [MQTT_RC_TOPIC_NAME_INVALID, MQTT_RC_PACKET_TOO_LARGE, MQTT_RC_PAYLOAD_FORMAT_INVALID]
        // All others, "not authorized" and "quota exceeded" among them, are for its administrator to mend.
        return Trouble(
            words: "\(settings.server): \(message.topic): \(MQTTSession.words(code))",
            isRefusal: refusals.contains { CInt($0.rawValue) == code })
    }

    /// - Returns: whether it came to pass.
    func wait(within patience: Duration, unless stopped: () -> Bool, _ done: () -> Bool) -> Bool {
        let until = clock.monotonic() + patience.nanoseconds
        while true {
            news.listen()
            if done() { return true }
            let left = until - clock.monotonic()
            if stopped() || left <= 0 { return false }
            news.wait(nanoseconds: left)
        }
    }
}
