import CMosquitto
import Glibc
import Plant
import Ring
import Synchronization

extension MQTTSession {
    /// Has the library call us. The calls come from the session's thread, which holds it.
    func listen() {
        mosquitto_user_data_set(handle, Unmanaged.passUnretained(self).toOpaque())
        mosquitto_connect_v5_callback_set(handle) { _, session, code, _, _ in
            session.map(MQTTSession.at)?.connectAnswered(code)
        }
        mosquitto_publish_v5_callback_set(handle) { _, session, id, code, _ in
            session.map(MQTTSession.at)?.publishAnswered(id, code)
        }
        mosquitto_disconnect_v5_callback_set(handle) { _, session, code, _ in
            session.map(MQTTSession.at)?.disconnected(code)
        }
    }

    private static func at(_ pointer: UnsafeMutableRawPointer) -> MQTTSession {
        Unmanaged<MQTTSession>.fromOpaque(pointer).takeUnretainedValue()
    }

    private func connectAnswered(_ code: CInt) {
        guard code == 0 else { return end("\(server): the broker refuses us: \(MQTTSession.words(code))") }
        state.withLock { $0.connected = true }
        news.ring()
    }

    private func publishAnswered(_ id: CInt, _ code: CInt) {
        state.withLock { $0.answers[id] = code }
        news.ring()
    }

    private func disconnected(_ code: CInt) { end("\(server): \(MQTTSession.words(code))") }

    /// From 128 on the numbers are MQTT's, below they are the library's.
    static func words(_ code: CInt) -> String {
        let text =
            switch code {
            case 0: "disconnected"
            case CInt(MOSQ_ERR_ERRNO.rawValue): reason(errno)
            case ..<128: String(cString: mosquitto_strerror(code))
            default: String(cString: mosquitto_reason_string(code)) + " (MQTT \(code))"
            }
        return text.last == "." ? String(text.dropLast()) : text
    }
}
