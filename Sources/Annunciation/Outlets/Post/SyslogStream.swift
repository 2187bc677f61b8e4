import CCurl
import Glibc
import Plant

/// A connection, with TLS or without, that messages are written to.
final class SyslogStream {
    /// What a collector may have said before it is one no more: the protocol has no answers.
    private static let chatterLimit = 65_536

    private let transfer: Transfer
    private let patience: Duration
    private let stop: OutletStop

    /// Connects.
    ///
    /// - Parameter limits: `total` is how long one message may wait for a collector that does not read.
    init(settings: SyslogSettings, limits: TransferLimits, stop: OutletStop) throws(TransferError) {
        // The scheme stands for the connection alone; nothing of HTTP is spoken.
        transfer = try Transfer(
            url: "\(settings.tls ? "https" : "http")://\(settings.server)", speech: .http, caFile: settings.caFile,
            limits: TransferLimits(connect: limits.connect, total: limits.connect), stop: stop)
        (self.patience, self.stop) = (limits.total, stop)
        try transfer.set(CURLOPT_CONNECT_ONLY, 1)
        try transfer.set(CURLOPT_SSL_ENABLE_ALPN, 0)
        transfer.exchange.begin()
        try transfer.perform()
    }

    /// Looks whether the collector has gone: the kernel goes on taking what is written to one that has.
    func check() throws(TransferError) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        var heard = 0
        while heard < SyslogStream.chatterLimit {
            var count = 0
            let code = curl_easy_recv(transfer.curl, &buffer, buffer.count, &count)
            if code == CURLE_AGAIN { return }
            guard code == CURLE_OK else { throw transfer.error(code) }
            guard count > 0 else { throw .failed("the collector closed the connection") }
            heard += count
        }
        throw .endless(limit: SyslogStream.chatterLimit)
    }

    /// Writes all bytes, or throws. After that the connection is of no use: a message may be cut in two.
    func write(_ bytes: [UInt8]) throws(TransferError) {
        var rest = bytes[...]
        let clock = SystemClock()
        let deadline = clock.monotonic() + patience.nanoseconds
        while !rest.isEmpty {
            guard !stop.isSet else { throw .stopped }
            var sent = 0
            let code = rest.withUnsafeBytes { curl_easy_send(transfer.curl, $0.baseAddress, $0.count, &sent) }
            switch code {
            case CURLE_OK: rest = rest.dropFirst(sent)
            case CURLE_AGAIN:
                let left = deadline - clock.monotonic()
                guard let socket = transfer.socket, left > 0 else {
                    throw .failed("the collector reads nothing for \(patience)")
                }
                _ = stop.waits(for: socket, events: Int16(POLLOUT), nanoseconds: left)
            default: throw transfer.error(code)
            }
        }
    }
}
