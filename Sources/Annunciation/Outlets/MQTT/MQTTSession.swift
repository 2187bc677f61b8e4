import CMosquitto
import CPosix
import Glibc
import Plant
import Ring
import Synchronization

/// One connection to a broker, from the look-up of its name to its end; a new connection is a new session.
///
/// libmosquitto would reconnect by itself, and then send again what it still holds: lines that the sink has meanwhile
/// sent again, too. Thrown away with its connection it holds nothing twice.
///
/// The thread waits on the socket by itself. The library's own loop puts the socket into an fd_set, which ends at
/// number 1 023: a daemon with a thousand clients is past that.
final class MQTTSession: Sendable {
    /// The broker publishes our last will when it has heard nothing for 1.5 times as long.
    static let keepAlive: CInt = 30
    /// How often the library may look whether it is time for a ping.
    private static let tick: Int64 = 1_000_000_000
    private static let libraryStarted: CInt = mosquitto_lib_init()

    struct State {
        var connected = false
        /// Why it has ended.
        var ended: String?
        /// Answers by the number of their message.
        var answers: [CInt: CInt] = [:]
    }

    // Unchecked, for the compiler knows nothing of the library's own locks: `mosquitto_threaded_set` has it lock what
    // messages and the goodbye, from the sink's thread, share with the loop on the session's. It is destroyed when neither
    // thread holds the session any more.
    nonisolated(unsafe) let handle: OpaquePointer
    let server: ServerAddress
    private let wakeUp: CInt
    let news: Doorbell
    let state = Mutex(State())
    private let abandoned = Atomic<Bool>(false)

    /// - Parameters:
    ///   - will: what the broker says in our name when the connection breaks.
    ///   - news: rung whenever there is something to see.
    init(
        _ settings: MQTTSettings, password: String?, client: String, will: MQTTMessage, window: Int, news: Doorbell
    ) throws(MQTTFault) {
        _ = MQTTSession.libraryStarted
        guard let handle = mosquitto_new(client, true, nil) else { throw MQTTFault("libmosquitto: \(reason(errno))") }
        (self.handle, self.news, server) = (handle, news, settings.server)
        wakeUp = cupel_eventfd()
        guard wakeUp >= 0 else { throw MQTTFault("eventfd: \(reason(errno))") }
        mosquitto_threaded_set(handle, true)
        mosquitto_int_option(handle, MOSQ_OPT_PROTOCOL_VERSION, CInt(MQTT_PROTOCOL_V5))
        mosquitto_int_option(handle, MOSQ_OPT_SEND_MAXIMUM, CInt(window))
        mosquitto_int_option(handle, MOSQ_OPT_TCP_NODELAY, 1)
        if let user = settings.user { mosquitto_username_pw_set(handle, user, password) }
        if settings.tls {
            if settings.caFile == nil { mosquitto_int_option(handle, MOSQ_OPT_TLS_USE_OS_CERTS, 1) }
            let code = settings.caFile.map { mosquitto_tls_set(handle, $0, nil, nil, nil, nil) } ?? 0
            guard code == 0 else {
                throw MQTTFault("\(settings.caFile ?? ""): no certificates there: \(MQTTSession.words(code))")
            }
        }
        let code = will.payload.utf8.withContiguousStorageIfAvailable {
            mosquitto_will_set_v5(handle, will.topic, CInt($0.count), $0.baseAddress, will.qos, will.retained, nil)
        }
        guard code == 0 else {
            throw MQTTFault(
                "\(will.topic) cannot be published to: \(MQTTSession.words(code ?? CInt(MOSQ_ERR_INVAL.rawValue)))")
        }
        listen()
    }

    deinit {
        mosquitto_destroy(handle)
        if wakeUp >= 0 { close(wakeUp) }
    }

    /// Begins to connect.
    func start() throws(WorkerError) {
        // The thread holds the session, and lets go of it when it ends.
        _ = try Worker(name: "mqtt") { self.run() }
    }

    var isConnected: Bool { state.withLock { $0.connected && $0.ended == nil } }
    var ended: String? { state.withLock { $0.ended } }

    /// Hands a message to the library.
    func publish(_ message: MQTTMessage) -> (id: CInt, code: CInt) {
        let published = message.publish(by: handle)
        wake()
        return published
    }

    /// Answers that have come: MQTT's reason codes by the numbers of the messages.
    func answers(to ids: [CInt]) -> [CInt: CInt] {
        state.withLock { state in state.answers.filter { ids.contains($0.key) } }
    }

    func forgetAnswers() { state.withLock { $0.answers = [:] } }

    /// Says goodbye; the broker then drops the last will.
    func disconnect() {
        mosquitto_disconnect_v5(handle, 0, nil)
        wake()
    }

    /// Ends without a word: the broker publishes the last will.
    func abandon() {
        abandoned.store(true, ordering: .releasing)
        wake()
    }

    private func wake() {
        var one: UInt64 = 1
        _ = write(wakeUp, &one, 8)
    }

    func end(_ why: String) {
        state.withLock { if $0.ended == nil { $0.ended = why } }
        news.ring()
    }

    private func run() {
        // Waits for the name's look-up; nobody waits for this thread.
        let code = mosquitto_connect_async(handle, server.host, CInt(server.port), MQTTSession.keepAlive)
        guard code == 0 else { return end("\(server): \(MQTTSession.words(code))") }
        var reached = false
        while ended == nil, !abandoned.load(ordering: .acquiring) { turn(&reached) }
    }

    /// Waits for something to do, and does it.
    ///
    /// - Parameter reached: whether the TCP connection stands.
    private func turn(_ reached: inout Bool) {
        let socket = mosquitto_socket(handle)
        guard socket >= 0 else { return end("\(server): the connection is closed") }
        let wanted = mosquitto_want_write(handle) || !reached ? POLLIN | POLLOUT : POLLIN
        var polls = [
            pollfd(fd: socket, events: Int16(wanted), revents: 0),
            pollfd(fd: wakeUp, events: Int16(POLLIN), revents: 0),
        ]
        _ = cupel_poll(&polls, CInt(polls.count), MQTTSession.tick)
        if polls[1].revents != 0 {
            var count: UInt64 = 0
            _ = read(wakeUp, &count, 8)
        }
        let ready = polls[0].revents
        // Brokers leave Nagle's algorithm on: the second of two PUBACKs waits until the first is acknowledged, which the
        // kernel puts off by 40 ms unless it is told not to, each time anew (measured: 33 ms a line, and 0.2 ms with it).
        var one: CInt = 1
        setsockopt(socket, CInt(IPPROTO_TCP), TCP_QUICKACK, &one, socklen_t(MemoryLayout<CInt>.size))
        if !reached, ready != 0 {
            let code = socketError(socket)
            guard code == 0 else { return end("\(server): \(reason(code))") }
            reached = true
        }
        var code: CInt = 0
        if ready & ~Int16(POLLOUT) != 0 { code = mosquitto_loop_read(handle, 1) }
        if code == 0, reached, mosquitto_want_write(handle) { code = mosquitto_loop_write(handle, 1) }
        if code == 0 { code = mosquitto_loop_misc(handle) }
        // A callback that told why has come before, and stands.
        if code != 0 { end("\(server): \(MQTTSession.words(code))") }
    }

    private func socketError(_ socket: CInt) -> CInt {
        var code: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size)
        return code
    }
}

/// Why there is no session.
struct MQTTFault: Error {
    let words: String
    init(_ words: String) { self.words = words }
}
