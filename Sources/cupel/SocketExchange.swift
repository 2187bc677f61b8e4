import CCurl
import Glibc
import Plant

/// One request over HTTP to the daemon's Unix socket, and its answer. Blocks the thread it is performed on.
struct SocketExchange {
    /// No answer is larger: 100 000 tags at 200 bytes.
    static let answerLimit = 64 * 1024 * 1024

    let socket: String
    /// Without the first slash.
    let path: String
    /// Makes it a POST.
    var body: [UInt8]?
    /// For all of it.
    let patience: Duration

    struct Answer {
        let status: Int
        let body: [UInt8]
    }

    private final class Received {
        var bytes: [UInt8] = []
    }

    /// Safe to call from several threads at once, unlike the implicit call of the first handle in older versions.
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_NOTHING)) == CURLE_OK

    func perform() -> Result<Answer, Unreachable> {
        guard SocketExchange.isReady, let curl = curl_easy_init() else { return failed(.system(ENOMEM)) }
        defer { curl_easy_cleanup(curl) }
        let received = Received()
        let headers = curl_slist_append(nil, "Content-Type: application/json")
        defer { curl_slist_free_all(headers) }
        var codes = [
            cupel_curl_set_text(curl, CURLOPT_UNIX_SOCKET_PATH, socket),
            cupel_curl_set_text(curl, CURLOPT_URL, "http://cupel/\(path)"),
            // The environment may name a proxy, which has no business between us.
            cupel_curl_set_text(curl, CURLOPT_PROXY, ""),
            cupel_curl_set_long(curl, CURLOPT_NOSIGNAL, 1),
            cupel_curl_set_long(curl, CURLOPT_TIMEOUT_MS, Int(patience.milliseconds)),
            cupel_curl_set_long(curl, CURLOPT_HTTP09_ALLOWED, 0),
            cupel_curl_set_pointer(curl, CURLOPT_WRITEDATA, Unmanaged.passUnretained(received).toOpaque()),
            cupel_curl_set_transfer(curl, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
                guard let context else { return 0 }
                let received = Unmanaged<Received>.fromOpaque(context).takeUnretainedValue()
                guard received.bytes.count + size * count <= SocketExchange.answerLimit else { return 0 }
                received.bytes += UnsafeRawBufferPointer(start: bytes, count: size * count)
                return size * count
            },
        ]
        if let body {
            codes += [
                cupel_curl_set_long(curl, CURLOPT_POSTFIELDSIZE, body.count),
                body.withUnsafeBytes { cupel_curl_set_pointer(curl, CURLOPT_COPYPOSTFIELDS, $0.baseAddress) },
                cupel_curl_set_pointer(curl, CURLOPT_HTTPHEADER, headers),
            ]
        }
        // A path that is longer than a socket's may be is refused here.
        guard codes.allSatisfy({ $0 == CURLE_OK }) else { return failed(.system(ENAMETOOLONG)) }
        let code = withExtendedLifetime(received) { curl_easy_perform(curl) }
        guard code == CURLE_OK else { return failed(fault(code, curl)) }
        return .success(Answer(status: long(CURLINFO_RESPONSE_CODE, curl), body: received.bytes))
    }

    private func failed(_ fault: Unreachable.Fault) -> Result<Answer, Unreachable> {
        .failure(Unreachable(socket: socket, fault))
    }

    private func fault(_ code: CURLcode, _ curl: UnsafeMutableRawPointer) -> Unreachable.Fault {
        switch code {
        case CURLE_COULDNT_CONNECT:
            let number = CInt(long(CURLINFO_OS_ERRNO, curl))
            return .system(number == 0 ? ENAMETOOLONG : number)
        case CURLE_OPERATION_TIMEDOUT: return .silent(seconds: patience.components.seconds)
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY: return .stranger
        default: return .hungUp
        }
    }

    private func long(_ info: CURLINFO, _ curl: UnsafeMutableRawPointer) -> Int {
        var value = 0
        return cupel_curl_get_long(curl, info, &value) == CURLE_OK ? value : 0
    }
}
