import CCurl
public import Plant
import Synchronization

/// Posts lines as a JSON array to an HTTP endpoint.
///
/// Any 2xx takes them. What the server may take later (408, 425, 429, 5xx, no answer at all) is tried again; any other
/// answer refuses them, redirects too. A refusal of several lines says nothing about which of them is meant: half of them
/// go next, and so on, until it is one. What is taken doubles again.
public final class WebhookOutlet: Outlet {
    /// Bytes of one body: what small receivers and message queues take (1 MB is nginx's limit, 256 KiB Amazon SQS's).
    public static let bodyLimit = 262_144
    /// The longest a server is left alone because it asked so: an alarm must not wait for a date somebody mistyped.
    public static let longestWait: Duration = .seconds(600)
    /// Lines in one request whatever the settings say.
    static let batchCeiling = 100

    public var acknowledges: Bool { true }
    public let batchLimit: Int

    private struct State {
        var transfer: Transfer?
        /// Lines that the next request may have.
        var width: Int
    }

    private let settings: WebhookSettings
    private let key: [UInt8]?
    private let limits: TransferLimits
    /// Without what in a URL is a secret: user, password, path, query.
    private let place: String
    private let stop = OutletStop()
    private let state: Mutex<State>

    /// - Parameter key: signs each body; `nil` for none.
    public convenience init(settings: WebhookSettings, key: [UInt8]?) {
        self.init(settings: settings, key: key, limits: .request)
    }

    init(settings: WebhookSettings, key: [UInt8]?, limits: TransferLimits) {
        self.settings = settings
        self.key = key
        self.limits = limits
        batchLimit = min(max(1, settings.batch), WebhookOutlet.batchCeiling)
        place = WebhookOutlet.place(of: settings.url)
        state = Mutex(State(width: batchLimit))
    }

    public func interrupt() { stop.set() }
    public func close() { state.withLock { $0.transfer = nil } }

    public func send(_ lines: [AlarmLine]) -> Delivery {
        state.withLock { state in
            var done = Delivery(taken: 0)
            while done.taken < lines.count {
                guard !stop.isSet else { return .unavailable(OutletStop.answer, taken: done.taken) }
                let batch = WebhookOutlet.batch(of: lines[done.taken...], upTo: state.width)
                let verdict = post(batch, with: &state.transfer)
                done.answer = verdict.answer ?? done.answer
                done.written = verdict.written ?? done.written
                switch verdict.meaning {
                case .taken:
                    done.taken += batch.count
                    state.width = min(batchLimit, batch.count * 2)
                case .broken(let reason):
                    // It may be one line that breaks the server: those before it get through, and then it is alone.
                    state.width = max(1, batch.count / 2)
                    done.trouble = .unavailable(reason)
                    return done
                case .later(let reason, let after):
                    // The server may have them, and knows them again by the key: the same lines next time.
                    state.width = batch.count
                    done.trouble = .unavailable(reason, after: after)
                    return verdict.isUnclear ? done.unclear : done
                case .refused(let reason):
                    state.width = max(1, batch.count / 2)
                    guard batch.count == 1 else { continue }
                    done.trouble = .refused(reason)
                    return done
                }
            }
            return done
        }
    }

    /// At least one line, and as many as the width and the limit of a body allow.
    private static func batch(of lines: ArraySlice<AlarmLine>, upTo width: Int) -> ArraySlice<AlarmLine> {
        var bytes = 2
        var count = 0
        for line in lines.prefix(width) {
            // Its newline is the comma's place.
            bytes += line.json.utf8.count
            if count > 0, bytes > bodyLimit { break }
            count += 1
        }
        return lines.prefix(count)
    }

    private func post(_ batch: ArraySlice<AlarmLine>, with transfer: inout Transfer?) -> WebhookVerdict {
        let objects = batch.map { $0.json.prefix { $0 != "\n" } }
        let body = Array("[\(objects.joined(separator: ","))]".utf8)
        var headers = [
            "Content-Type: application/json", "User-Agent: cupel", "Idempotency-Key: \(AlarmLine.identity(of: batch))",
        ]
        if let key {
            let seconds = SystemClock().wall() / 1_000_000_000
            headers.append("\(WebhookSignature.header): \(WebhookSignature(of: body, at: seconds, key: key))")
        }
        do throws(TransferError) {
            let current = if let transfer { transfer } else { try connect() }
            transfer = current
            try current.post(body, headers: headers)
            return WebhookVerdict(current, at: place)
        } catch {
            // It has said that it has them; the rest of what it says nobody wants to read.
            if case .endless = error, let transfer, (200..<300).contains(transfer.status) {
                return WebhookVerdict(transfer, at: place)
            }
            return .later(
                error == .stopped ? OutletStop.answer : "\(place): \(error)", isUnclear: transfer?.hasBegun == true)
        }
    }

    private func connect() throws(TransferError) -> Transfer {
        let transfer = try Transfer(
            url: settings.url, speech: .http, caFile: settings.caFile, limits: limits, stop: stop)
        try transfer.set(CURLOPT_POST, 1)
        try transfer.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        return transfer
    }

    /// Scheme, host and port, and nothing that may be of a password: one with a slash in it seems to end the host.
    static func place(of url: String) -> String {
        guard let mark = url.firstRange(of: "://") else { return "webhook" }
        let authority = url[mark.upperBound...].prefix { !"/?#".contains($0) }
        let scheme = url[..<mark.upperBound]
        guard url[authority.endIndex...].contains("@") else {
            return String(scheme + (authority.split(separator: "@").last ?? authority))
        }
        // A path with an @, as some chat services have it, behind a host and its port; or the rest of a password, and what
        // looks like a port is its beginning.
        guard !authority.contains(where: { "@[".contains($0) }) else { return "webhook" }
        return String(scheme + authority.prefix { $0 != ":" })
    }
}

extension Transfer {
    fileprivate func post(_ body: [UInt8], headers: [String]) throws(TransferError) {
        exchange.begin()
        try set(CURLOPT_POSTFIELDSIZE, body.count)
        // libcurl keeps a copy, and so nothing of ours after the call.
        let code = body.withUnsafeBytes { cupel_curl_set_pointer(curl, CURLOPT_COPYPOSTFIELDS, $0.baseAddress) }
        guard code == CURLE_OK else { throw error(code) }
        try perform(CURLOPT_HTTPHEADER, headers)
    }
}
