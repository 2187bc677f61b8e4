/// What is set on every connection so that a dead peer is noticed, for people to read.
public enum SocketCare {
    public static let description =
        "TCP_NODELAY; keepalive after \(Dial.keepIdle) s, \(Dial.keepCount) times \(Dial.keepInterval) s; "
        + "user timeout \(Dial.userTimeout / 1000) s"
}
