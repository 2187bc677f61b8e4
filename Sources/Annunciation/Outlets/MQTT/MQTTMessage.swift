import CMosquitto
import Glibc
import Plant

/// One message for a broker.
struct MQTTMessage: Equatable {
    let topic: String
    let payload: String
    /// 1: the broker says that it has it. 0: sent and forgotten.
    var qos: CInt = 1
    /// Kept by the broker for readers that come later.
    var retained = false
    /// Seconds after which the broker drops it for a reader that was away.
    var expiry: UInt32?
    var user: [(String, String)] = []

    static func == (one: MQTTMessage, other: MQTTMessage) -> Bool {
        one.topic == other.topic && one.payload == other.payload && one.qos == other.qos
            && one.retained == other.retained && one.expiry == other.expiry
            && one.user.elementsEqual(other.user, by: ==)
    }

    /// - Returns: the library's number for it, or the library's error.
    func publish(by handle: OpaquePointer) -> (id: CInt, code: CInt) {
        var properties: OpaquePointer?
        defer { mosquitto_property_free_all(&properties) }
        mosquitto_property_add_byte(&properties, CInt(MQTT_PROP_PAYLOAD_FORMAT_INDICATOR.rawValue), 1)
        mosquitto_property_add_string(&properties, CInt(MQTT_PROP_CONTENT_TYPE.rawValue), "application/json")
        if let expiry {
            mosquitto_property_add_int32(&properties, CInt(MQTT_PROP_MESSAGE_EXPIRY_INTERVAL.rawValue), expiry)
        }
        for (name, value) in user {
            mosquitto_property_add_string_pair(&properties, CInt(MQTT_PROP_USER_PROPERTY.rawValue), name, value)
        }
        var id: CInt = 0
        let bytes = Array(payload.utf8)
        let code = mosquitto_publish_v5(handle, &id, topic, CInt(bytes.count), bytes, qos, retained, properties)
        return (id, code)
    }
}

/// Where a plant's messages go.
///
/// - `TOPIC/PLANT/alarm/ID/state`: each alarm's newest state, retained; NORM too, so that a reader that comes later
///   knows that it is over. Emptied when the alarm is no longer configured.
/// - `TOPIC/PLANT/events`: every line.
/// - `TOPIC/PLANT/status`: `online` or `offline`, retained.
/// - `TOPIC/PLANT/heartbeat`: all is well, every few seconds.
struct MQTTTopics: Sendable {
    /// A heartbeat of the past says nothing; its readers declare a loss after 30 s.
    private static let heartbeatExpiry: UInt32 = 30

    private let root: String
    private let plant: String

    init(topic: String, plant: String) {
        (root, self.plant) = ("\(topic)/\(MQTTTopics.level(plant))", plant)
    }

    /// The same at each start, so that a new connection ends an old one that the broker still believes in, and with it
    /// the old one's last will; and another one for another sink.
    var client: String { "cupel-" + root }

    func status(online: Bool) -> MQTTMessage {
        var name = ""
        for scalar in plant.unicodeScalars where scalar.value >= 0x20 {
            if scalar == "\"" || scalar == "\\" { name += "\\" }
            name.unicodeScalars.append(scalar)
        }
        let word = online ? "online" : "offline"
        return MQTTMessage(
            topic: root + "/status", payload: #"{"status":"\#(word)","plant":"\#(name)"}"#, retained: true)
    }

    /// What a line says of how an alarm stands.
    struct Standing {
        let alarm: String
        let message: MQTTMessage
        /// `nil`: there is nothing to show, and its topic is emptied.
        let moment: AlarmMoment?
    }

    /// The states that a line tells, as far as it tells any.
    func states(_ line: AlarmLine) -> [Standing] {
        switch line.kind {
        case .digest: line.members.flatMap(states)
        case .event, .snapshot, .state: standing(line).map { [$0] } ?? []
        case .heartbeat, .gap, .test: []
        }
    }

    private func standing(_ line: AlarmLine) -> Standing? {
        guard line.tellsState, let alarm = line.fields[.alarm] else { return nil }
        let topic = "alarm/\(MQTTTopics.level(alarm))/state"
        // A call is no news of the alarm's state; its author may not have heard the newest yet.
        if line.fields[.what] == "escalate" { return nil }
        // An occurrence that was closed unseen is over, and what comes in its place may be none that is shown here.
        if ["retired", "superseded"].contains(line.fields[.what]) {
            // A broker forgets a retained message whose topic gets an empty one (MQTT 5.0 section 3.3.1.3).
            let empty = MQTTMessage(topic: "\(root)/\(topic)", payload: "", retained: true)
            return Standing(alarm: alarm, message: empty, moment: nil)
        }
        guard line.fields[.state] != nil else { return nil }
        return Standing(alarm: alarm, message: message(topic, line, retained: true), moment: AlarmMoment(line))
    }

    /// The line itself, for the stream; `nil` for one that is there for its state alone.
    func event(_ line: AlarmLine) -> MQTTMessage? {
        guard line.kind != .state else { return nil }
        guard line.kind == .heartbeat else { return message("events", line) }
        var heartbeat = message("heartbeat", line)
        heartbeat.qos = 0
        heartbeat.expiry = MQTTTopics.heartbeatExpiry
        return heartbeat
    }

    private func message(_ topic: String, _ line: AlarmLine, retained: Bool = false) -> MQTTMessage {
        let user = [(AlarmField.boot, "boot"), (.sequence, "seq")].compactMap { field, name in
            line.fields[field].map { (name, $0) }
        }
        let payload = line.json.last == "\n" ? String(line.json.dropLast()) : line.json
        return MQTTMessage(topic: "\(root)/\(topic)", payload: payload, retained: retained, user: user)
    }

    /// One level of a topic: no wildcards, no slashes, no control characters. As in a URL.
    static func level(_ name: String) -> String {
        var level = ""
        for scalar in name.unicodeScalars {
            if "+#/%".unicodeScalars.contains(scalar) || scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) {
                for byte in String(scalar).utf8 {
                    level += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
                }
            } else {
                level.unicodeScalars.append(scalar)
            }
        }
        return level
    }
}

/// When in an alarm's life a state was its newest one.
struct AlarmMoment: Comparable {
    let occurrence: Int64
    let revision: Int64

    init(_ line: AlarmLine) {
        occurrence = line.fields[.occurrence].flatMap { Int64($0) } ?? 0
        revision = line.fields[.revision].flatMap { Int64($0) } ?? 0
    }

    static func < (one: AlarmMoment, other: AlarmMoment) -> Bool {
        (one.occurrence, one.revision) < (other.occurrence, other.revision)
    }
}
