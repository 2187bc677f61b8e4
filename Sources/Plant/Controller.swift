/// A Modbus/TCP endpoint: an IP address and a port. Names are resolved before, never by the line.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    public let host: String
    public let port: UInt16

    public init(host: String, port: UInt16) { (self.host, self.port) = (host, port) }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// One instrument or PLC: a unit behind an endpoint. Several controllers may share an endpoint (a gateway).
public struct Controller: Sendable, Identifiable {
    /// The index in `Plant.controllers`.
    public typealias ID = Int

    public let id: ID
    public let name: String
    public let description: String?
    public let endpoint: Endpoint
    /// The unit identifier of every request, 0...255.
    public let unit: UInt8
    /// The model of its profile, for people.
    public let model: String?
    /// How long a reply may take.
    public let timeout: Duration
    /// The largest block it answers, in registers.
    public let maxRegisters: Int
    /// Unused registers that a block may read to join two values.
    public let maxGap: Int
    /// The tag that must keep changing.
    public let heartbeat: Tag.ID?
    /// How long the heartbeat may stand still.
    public let heartbeatTimeout: Duration

    public init(
        id: ID, name: String, description: String? = nil, endpoint: Endpoint, unit: UInt8, model: String? = nil,
        timeout: Duration = .seconds(1), maxRegisters: Int = 125, maxGap: Int = 0, heartbeat: Tag.ID? = nil,
        heartbeatTimeout: Duration = .seconds(5)
    ) {
        self.id = id
        self.name = name
        self.description = description
        self.endpoint = endpoint
        self.unit = unit
        self.model = model
        self.timeout = timeout
        self.maxRegisters = maxRegisters
        self.maxGap = maxGap
        self.heartbeat = heartbeat
        self.heartbeatTimeout = heartbeatTimeout
    }
}

/// The tags of one controller that are read together, at one period.
public struct ScanGroup: Sendable, Identifiable {
    /// The index in `Plant.groups`.
    public typealias ID = Int

    public let id: ID
    public let controller: Controller.ID
    /// The name of its scan class, `fast`.
    public let scan: String
    /// `F-01/fast`: unique in a plant, and how the history knows it.
    public let name: String
    public let period: Duration
    /// Its tags in the order of their slots.
    public let tags: [Tag.ID]

    public init(
        id: ID, controller: Controller.ID, scan: String, name: String, period: Duration, tags: [Tag.ID]
    ) {
        self.id = id
        self.controller = controller
        self.scan = scan
        self.name = name
        self.period = period
        self.tags = tags
    }
}
