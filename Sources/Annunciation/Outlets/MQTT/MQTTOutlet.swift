public import Plant
import Ring
import Synchronization

/// A broker of MQTT 5.
///
/// A line is taken when the broker has acknowledged (PUBACK) all messages that are made of it. Each session begins clean:
/// the sink sends again what was not taken, and a session that the broker kept for us would only send it twice. After
/// each connection the states of the standing alarms are published again, since a broker without persistence forgot them.
public final class MQTTOutlet: Outlet {
    /// From the look-up of the name to the broker's CONNACK, TLS included.
    static let connectPatience: Duration = .seconds(5)
    /// Between two PUBACKs. A broker that is silent for longer with messages before it is stuck.
    static let answerPatience: Duration = .seconds(5)
    /// For each step of the goodbye.
    static let farewell: Duration = .seconds(1)
    /// Messages on their way at once; two for each line of a batch.
    private static let window = 40

    private struct State {
        var session: MQTTSession?
        /// Of the newest state published of each alarm: an older one that comes again must not replace it.
        var shown: [String: AlarmMoment] = [:]
        /// Why a standing alarm's state is not to be seen there, of the newest connection; its first.
        var unseen: String?
    }

    let settings: MQTTSettings
    private let password: String?
    private let topics: MQTTTopics
    private let patience: Duration
    private let snapshot: @Sendable () -> [AlarmLine]
    let stop = OutletStop()
    let news = Doorbell()
    let clock = SystemClock()
    // For the sink's thread alone, and `close` after it.
    private let state = Mutex(State())

    public let acknowledges = true
    public let takesHeartbeats = true
    /// libmosquitto's and most brokers' own receive maximum.
    public static let inFlight = 20
    public let batchLimit = inFlight

    /// - Parameters:
    ///   - password: what is in `settings.passwordFile`.
    ///   - plant: its name, a level of every topic.
    ///   - snapshot: the standing alarms.
    public convenience init(
        _ settings: MQTTSettings, password: String?, plant: String, snapshot: @escaping @Sendable () -> [AlarmLine]
    ) {
        self.init(
            settings, password: password, plant: plant, patience: MQTTOutlet.answerPatience, snapshot: snapshot)
    }

    init(
        _ settings: MQTTSettings, password: String?, plant: String, patience: Duration,
        snapshot: @escaping @Sendable () -> [AlarmLine]
    ) {
        (self.settings, self.password, self.patience, self.snapshot) = (settings, password, patience, snapshot)
        topics = MQTTTopics(topic: settings.topic, plant: plant)
    }

    deinit { state.withLock { $0.session?.abandon() } }

    public func interrupt() {
        stop.set()
        news.ring()
    }

    public func send(_ lines: [AlarmLine]) -> Delivery {
        guard !stop.isSet else { return .unavailable(OutletStop.answer) }
        return state.withLock { state in
            do throws(MQTTFault) {
                let session = try connected(&state)
                return deliver(lines, session, &state)
            } catch {
                abandon(&state)
                return .unavailable(stop.isSet ? OutletStop.answer : error.words)
            }
        }
    }

    /// A clean disconnect drops the last will, so what it says is said before.
    public func close() {
        state.withLock { state in
            guard let session = state.session, session.isConnected else { return abandon(&state) }
            _ = publish([topics.status(online: false)], session, within: MQTTOutlet.farewell) { false }
            session.disconnect()
            _ = wait(within: MQTTOutlet.farewell, unless: { false }) { session.ended != nil }
            abandon(&state)
        }
    }

    private func abandon(_ state: inout State) {
        state.session?.abandon()
        state.session = nil
    }

    /// The session, made anew where the last one has ended.
    private func connected(_ state: inout State) throws(MQTTFault) -> MQTTSession {
        if let session = state.session, session.isConnected { return session }
        abandon(&state)
        let session = try MQTTSession(
            settings, password: password, client: topics.client, will: topics.status(online: false),
            window: MQTTOutlet.window, news: news)
        do { try session.start() } catch { throw MQTTFault("\(error)") }
        state.session = session
        let limit = min(patience, MQTTOutlet.connectPatience)
        let answered = wait(within: limit, unless: { self.stop.isSet }) { session.isConnected || session.ended != nil }
        if let why = session.ended { throw MQTTFault(why) }
        guard answered, session.isConnected else {
            throw MQTTFault("\(settings.server): no broker of MQTT 5 answers within \(limit)")
        }
        try restore(session, &state)
        return session
    }

    /// Says that we are there, and what stands. A state that the broker refuses, such as one that is too large for it,
    /// stays unsaid: it must not hold up what happens to all other alarms.
    private func restore(_ session: MQTTSession, _ state: inout State) throws(MQTTFault) {
        var messages = [topics.status(online: true)]
        for standing in snapshot().flatMap(topics.states) {
            state.shown[standing.alarm] = standing.moment
            messages.append(standing.message)
        }
        state.unseen = nil
        var left = messages[...]
        while !left.isEmpty {
            let part = Array(left.prefix(MQTTOutlet.window))
            let result = publish(part, session, within: patience) { self.stop.isSet }
            guard let trouble = result.trouble else {
                left = left.dropFirst(part.count)
                continue
            }
            guard trouble.isRefusal else { throw MQTTFault(trouble.words) }
            state.unseen = state.unseen ?? trouble.words
            left = left.dropFirst(result.taken + 1)
        }
    }

    private func deliver(_ lines: [AlarmLine], _ session: MQTTSession, _ state: inout State) -> Delivery {
        var messages: [MQTTMessage] = []
        /// How many messages there are with each line's.
        var ends: [Int] = []
        for line in lines {
            for standing in topics.states(line) {
                if let moment = standing.moment, moment < state.shown[standing.alarm] ?? moment { continue }
                state.shown[standing.alarm] = standing.moment
                messages.append(standing.message)
            }
            if let event = topics.event(line) { messages.append(event) }
            ends.append(messages.count)
        }
        let result = publish(messages, session, within: patience) { self.stop.isSet }
        let taken = ends.prefix { $0 <= result.taken }.count
        guard let trouble = result.trouble else {
            let unseen = state.unseen.map { "; not shown there: \($0)" } ?? ""
            return .all(of: lines, answer: "PUBACK from \(settings.server)\(unseen)", written: result.written)
        }
        if trouble.isBroken { abandon(&state) }
        let delivery: Delivery =
            if stop.isSet {
                .unavailable(OutletStop.answer, taken: taken)
            } else if trouble.isRefusal {
                .refused(trouble.words, taken: taken)
            } else {
                .unavailable(trouble.words, taken: taken)
            }
        // The last message of a line is its event, or the state that it is there for.
        return ends[taken...].contains { result.uncertain.contains($0 - 1) } ? delivery.unclear : delivery
    }
}
