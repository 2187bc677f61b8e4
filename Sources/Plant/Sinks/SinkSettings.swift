/// An HTTP endpoint that takes lines as a JSON array.
public struct WebhookSettings: Sendable, Hashable {
    /// `http://` or `https://`.
    public var url: String
    /// A file with the key that signs each body; `nil` for none. Read at the start of the sink, and again after a failed
    /// send.
    public var keyFile: String?
    /// A file with the certificates of the authorities to trust; `nil` for the system's.
    public var caFile: String?
    /// Lines in one request, 1...100.
    public var batch: Int

    public init(url: String, keyFile: String? = nil, caFile: String? = nil, batch: Int = 100) {
        (self.url, self.keyFile, self.caFile, self.batch) = (url, keyFile, caFile, batch)
    }
}

/// A host that collects logs, over TCP (RFC 6587) or TLS (RFC 5425).
public struct SyslogSettings: Sendable, Hashable {
    public var server: ServerAddress
    public var tls: Bool
    public var caFile: String?

    public init(server: ServerAddress, tls: Bool = false, caFile: String? = nil) {
        (self.server, self.tls, self.caFile) = (server, tls, caFile)
    }
}

/// A broker of MQTT 5.
public struct MQTTSettings: Sendable, Hashable {
    public var server: ServerAddress
    /// What all topics begin with, without a slash at its end.
    public var topic: String
    public var user: String?
    public var passwordFile: String?
    public var tls: Bool
    public var caFile: String?

    public init(
        server: ServerAddress, topic: String = "cupel", user: String? = nil, passwordFile: String? = nil,
        tls: Bool = false, caFile: String? = nil
    ) {
        (self.server, self.topic, self.user, self.passwordFile) = (server, topic, user, passwordFile)
        (self.tls, self.caFile) = (tls, caFile)
    }
}

/// A mail server that takes messages for people.
public struct MailSettings: Sendable, Hashable {
    public enum Security: String, Sendable, Hashable, CaseIterable {
        case none, starttls, tls
    }

    public var server: ServerAddress
    public var security: Security
    public var from: String
    public var to: [String]
    public var user: String?
    public var passwordFile: String?
    public var caFile: String?

    public init(
        server: ServerAddress, security: Security = .none, from: String, to: [String], user: String? = nil,
        passwordFile: String? = nil, caFile: String? = nil
    ) {
        (self.server, self.security, self.from, self.to) = (server, security, from, to)
        (self.user, self.passwordFile, self.caFile) = (user, passwordFile, caFile)
    }
}

/// A file that grows, and is put aside when it is full.
public struct FileSettings: Sendable, Hashable {
    public var path: String
    public var format: SinkDefinition.LineFormat
    /// Bytes from which on it is put aside as `path.1`.
    public var maxSize: Int
    /// Files kept besides the present one.
    public var keep: Int

    public init(path: String, format: SinkDefinition.LineFormat = .text, maxSize: Int = 10_000_000, keep: Int = 10) {
        (self.path, self.format, self.maxSize, self.keep) = (path, format, maxSize, keep)
    }
}

/// Where a server listens. The name is looked up when it is used: it may move while the daemon runs.
public struct ServerAddress: Sendable, Hashable, CustomStringConvertible {
    /// A host name or an IP address; IPv6 without brackets.
    public var host: String
    public var port: Int

    public init(host: String, port: Int) { (self.host, self.port) = (host, port) }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
