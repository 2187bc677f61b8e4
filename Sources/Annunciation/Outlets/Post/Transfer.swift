import CCurl
import Glibc
import Plant

/// How long a transfer may take.
struct TransferLimits: Sendable {
    /// Until a request can be sent: looking the name up, TCP, TLS.
    var connect: Duration
    /// From the beginning to the last byte of the answer.
    var total: Duration

    /// A receiver in the plant answers in milliseconds. One that does not must not hold up the lines behind it for longer
    /// than an operator looks twice.
    static let request = TransferLimits(connect: .seconds(2), total: .seconds(5))
    /// Mail servers let a caller wait before they greet (postscreen: 6 s), and look into a message before they take it.
    static let mail = TransferLimits(connect: .seconds(15), total: .seconds(30))
}

/// A libcurl handle for one place, which blocks the thread that uses it, and no longer than its limits say.
///
/// It keeps its connection from one transfer to the next. No proxies, however the environment is set; no redirects: an
/// alarm goes where the plant's owner said, or nowhere.
final class Transfer {
    /// What a handle may speak, as CURLOPT_PROTOCOLS_STR names it.
    enum Speech: String { case http = "http,https", mail = "smtp,smtps" }

    let limits: TransferLimits
    let exchange: TransferExchange
    let curl: UnsafeMutableRawPointer
    /// libcurl writes here what went wrong.
    private let complaint: UnsafeMutablePointer<CChar>

    /// Safe to call from several threads at once, unlike the implicit call of the first handle in older versions.
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_SSL)) == CURLE_OK

    init(
        url: String, speech: Speech, caFile: String?, limits: TransferLimits, stop: OutletStop
    ) throws(TransferError) {
        guard Transfer.isReady, let curl = curl_easy_init() else {
            throw .failed("libcurl could not be set up")
        }
        self.curl = curl
        self.limits = limits
        exchange = TransferExchange(stop: stop)
        complaint = .allocate(capacity: Int(CURL_ERROR_SIZE))
        complaint.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        try require(exchange.install(on: curl))
        try require([cupel_curl_set_pointer(curl, CURLOPT_ERRORBUFFER, complaint)])
        try set(CURLOPT_URL, url)
        try set(CURLOPT_PROTOCOLS_STR, speech.rawValue)
        try set(CURLOPT_PROXY, "")
        if let caFile { try set(CURLOPT_CAINFO, caFile) }
        try set(CURLOPT_FOLLOWLOCATION, 0)
        try set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        // The daemon's signals are its own.
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_NOPROGRESS, 0)
        try set(CURLOPT_CONNECTTIMEOUT_MS, Int(limits.connect.milliseconds))
        try set(CURLOPT_TIMEOUT_MS, Int(limits.total.milliseconds))
        // Without it the end of a transfer waits for the thread that looks a name up, whatever the limits are: 20 s
        // instead of 2 with a name server that took 20 (measured, libcurl 7.88).
        try set(CURLOPT_QUICK_EXIT, 1)
    }

    deinit {
        curl_easy_cleanup(curl)
        complaint.deallocate()
    }

    func set(_ option: CURLoption, _ value: Int) throws(TransferError) {
        try require([cupel_curl_set_long(curl, option, value)])
    }

    func set(_ option: CURLoption, _ value: String) throws(TransferError) {
        try require([cupel_curl_set_text(curl, option, value)])
    }

    private func require(_ codes: [CURLcode]) throws(TransferError) {
        for code in codes where code != CURLE_OK { throw .failed(String(cString: curl_easy_strerror(code))) }
    }

    /// Performs what the options say.
    func perform() throws(TransferError) {
        complaint.pointee = 0
        let code = curl_easy_perform(curl)
        guard code == CURLE_OK else { throw error(code) }
    }

    /// Performs with lists that libcurl reads meanwhile: headers, recipients.
    func perform(_ option: CURLoption, _ texts: [String]) throws(TransferError) {
        var list: UnsafeMutablePointer<curl_slist>?
        for text in texts { list = curl_slist_append(list, text) ?? list }
        defer {
            _ = cupel_curl_set_pointer(curl, option, nil)
            curl_slist_free_all(list)
        }
        try require([cupel_curl_set_pointer(curl, option, list)])
        try perform()
    }

    /// The answer's code of HTTP or SMTP; 0 without one.
    var status: Int { long(CURLINFO_RESPONSE_CODE) }

    /// Whether any of the request was sent.
    var hasBegun: Bool { long(CURLINFO_REQUEST_SIZE) > 0 }

    /// Where a redirect would have gone.
    var redirect: String? {
        var text: UnsafePointer<CChar>?
        guard cupel_curl_get_text(curl, CURLINFO_REDIRECT_URL, &text) == CURLE_OK, let text else { return nil }
        return String(cString: text)
    }

    /// Seconds that the server asked to be left alone, from either form of Retry-After; 0 for no wish.
    var retryAfter: Int { offset(CURLINFO_RETRY_AFTER) }

    /// The socket of a connection that is open.
    var socket: CInt? {
        var socket: curl_socket_t = -1
        return cupel_curl_get_socket(curl, &socket) == CURLE_OK && socket >= 0 ? socket : nil
    }

    private func long(_ info: CURLINFO) -> Int {
        var value = 0
        return cupel_curl_get_long(curl, info, &value) == CURLE_OK ? value : 0
    }

    private func offset(_ info: CURLINFO) -> Int {
        var value: curl_off_t = 0
        return cupel_curl_get_offset(curl, info, &value) == CURLE_OK ? Int(value) : 0
    }

    /// What a code means, in a sentence's words.
    func error(_ code: CURLcode) -> TransferError {
        if exchange.isOverfull { return .endless(limit: TransferExchange.limit) }
        switch code {
        case CURLE_ABORTED_BY_CALLBACK: return .stopped
        case CURLE_OPERATION_TIMEDOUT:
            // A greeting belongs to the connection's time, and so does TLS.
            let isReady = offset(CURLINFO_PRETRANSFER_TIME_T) > 0
            let limit = isReady ? limits.total : min(limits.connect, limits.total)
            return offset(CURLINFO_CONNECT_TIME_T) > 0 ? .noAnswer(within: limit) : .noConnection(within: limit)
        case CURLE_COULDNT_CONNECT:
            let reason = CInt(long(CURLINFO_OS_ERRNO))
            return .failed(reason == 0 ? "no connection" : String(cString: strerror(reason)).lowercased())
        default:
            return .failed(
                String(cString: complaint.pointee == 0 ? curl_easy_strerror(code) : UnsafePointer(complaint)))
        }
    }
}
