/// One reader of the stream, for `cupel status` and `cupel sinks`. The names are the contract.
public struct StreamReport: Codable, Sendable {
    public enum Way: String, Codable, Sendable {
        /// The stream's own.
        case socket
        case http
    }

    /// What it calls itself.
    public var name: String?
    /// The user at the other end, as the kernel knows it.
    public var who: String
    public var via: Way
    /// Since when, ISO 8601 UTC.
    public var connected: String
    /// Lines written to it.
    public var sent: Int
    /// The newest sequence number it was sent.
    public var sequence: Int64
    /// Everything up to it was acknowledged; absent for a reader that does not.
    public var acked: Int64?
    /// Lines published that were not written to it yet.
    public var behind: Int
    /// It reads no more, as far as can be told.
    public var dead: Bool
    /// Why it is taken for dead.
    public var trouble: String?
    public var written: SinkStatus.Latency?
    public var acknowledged: SinkStatus.Latency?
}
