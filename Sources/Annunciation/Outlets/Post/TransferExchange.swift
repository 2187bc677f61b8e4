import CCurl
import Plant

/// What goes to and fro in one transfer: libcurl's callbacks write here, on the thread that performs it.
final class TransferExchange {
    /// Bytes of an answer that are kept: an error's first sentences.
    static let kept = 4096
    /// Bytes after which an answer is cut off, its headers included.
    static let limit = 65_536

    /// How long SMTP's QUIT is waited for: all that counts has been said. libcurl itself would wait for two minutes, beyond
    /// every limit of the transfer.
    static let farewell: Duration = .seconds(1)

    let stop: OutletStop
    /// The first of the body that came.
    private(set) var body: [UInt8] = []
    /// The status line of HTTP.
    private(set) var statusLine = ""
    /// What SMTP said, without the greeting's and the login's secrets.
    private(set) var dialogue = MailDialogue()
    /// CLOCK_MONOTONIC nanoseconds when all was sent.
    private(set) var written: Int64?
    /// The same of SMTP's last word.
    private var saidGoodbye: Int64?
    private var received = 0
    private var upload: [UInt8] = []
    private var uploaded = 0

    init(stop: OutletStop) { self.stop = stop }

    /// Forgets the transfer before.
    func begin(upload: [UInt8] = []) {
        body = []
        statusLine = ""
        dialogue = MailDialogue()
        written = nil
        saidGoodbye = nil
        received = 0
        self.upload = upload
        uploaded = 0
    }

    var isOverfull: Bool { received > TransferExchange.limit }

    func install(on curl: UnsafeMutableRawPointer) -> [CURLcode] {
        let context = Unmanaged.passUnretained(self).toOpaque()
        return [
            cupel_curl_set_pointer(curl, CURLOPT_WRITEDATA, context),
            cupel_curl_set_transfer(curl, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
                TransferExchange.from(context)?.take(bytes, size * count) ?? 0
            },
            cupel_curl_set_pointer(curl, CURLOPT_HEADERDATA, context),
            cupel_curl_set_transfer(curl, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
                TransferExchange.from(context)?.takeHeader(bytes, size * count) ?? 0
            },
            cupel_curl_set_pointer(curl, CURLOPT_READDATA, context),
            cupel_curl_set_transfer(curl, CURLOPT_READFUNCTION) { room, size, count, context in
                TransferExchange.from(context)?.give(room, size * count) ?? 0
            },
            cupel_curl_set_pointer(curl, CURLOPT_XFERINFODATA, context),
            cupel_curl_set_progress(curl) { context, _, _, total, sent in
                TransferExchange.from(context)?.progress(sent: Int(sent), of: Int(total)) ?? 1
            },
            cupel_curl_set_pointer(curl, CURLOPT_DEBUGDATA, context),
            cupel_curl_set_dialogue(curl) { _, type, bytes, count, context in
                TransferExchange.from(context)?.hear(type, bytes, count)
                return 0
            },
        ]
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> TransferExchange? {
        context.map { Unmanaged<TransferExchange>.fromOpaque($0).takeUnretainedValue() }
    }

    /// - Returns: anything but `count` ends the transfer.
    private func take(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        received += count
        guard !isOverfull else { return 0 }
        let room = TransferExchange.kept - body.count
        body += UnsafeRawBufferPointer(start: bytes, count: count).prefix(room)
        return count
    }

    private func takeHeader(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        received += count
        guard !isOverfull else { return 0 }
        let line = UnsafeRawBufferPointer(start: bytes, count: count)
        if line.starts(with: "HTTP/".utf8) { statusLine = String(decoding: line, as: UTF8.self) }
        return count
    }

    private func give(_ room: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        let part = upload[uploaded...].prefix(count)
        UnsafeMutableRawBufferPointer(start: room, count: count).copyBytes(from: part)
        uploaded += part.count
        if uploaded == upload.count, written == nil { written = SystemClock().monotonic() }
        return part.count
    }

    /// - Returns: anything but 0 ends the transfer.
    private func progress(sent: Int, of total: Int) -> CInt {
        let now = SystemClock().monotonic()
        if total > 0, sent >= total, written == nil { written = now }
        if let saidGoodbye, now - saidGoodbye > TransferExchange.farewell.nanoseconds { return 1 }
        return stop.isSet ? 1 : 0
    }

    private func hear(_ type: curl_infotype, _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) {
        let text = String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
        switch type {
        case CURLINFO_HEADER_OUT:
            dialogue.sent(text)
            if dialogue.isOver { saidGoodbye = SystemClock().monotonic() }
        case CURLINFO_HEADER_IN: dialogue.received(text)
        case CURLINFO_DATA_OUT: dialogue.sentMessage()
        default: break
        }
    }
}
