/// What a configuration is checked against beside itself. Tests bring their own.
struct HostSystem {
    /// Turns a host name into the text of an IP address, or says why it cannot.
    var resolve: HostResolver
    /// The time zones, `FOLDER/Asia/Seoul` in the format of tzfile(5).
    var zoneFolder: String

    /// Debian's `tzdata`, and getaddrinfo(3).
    static var current: HostSystem { HostSystem(resolve: resolveHost, zoneFolder: "/usr/share/zoneinfo") }
}

typealias HostResolver = (String) throws(Expected) -> String
