/// A Modbus/TCP endpoint: an IP address and a port. Names are resolved before, never by the line.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    public let host: String
    public let port: UInt16

    public init(host: String, port: UInt16) { (self.host, self.port) = (host, port) }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// How gently a controller is to be asked.
public struct Pacing: Hashable, Sendable {
    /// Left between a reply and the next request.
    public var pause: Duration
    /// Left before the first request to another unit behind the same endpoint; `pause` when that is longer.
    public var unitPause: Duration
    /// Left between connecting and the first request.
    public var connectDelay: Duration
    /// How long a connection may take to be made; as long as a reply unless told otherwise.
    public var connectTimeout: Duration?
    /// The connection is closed between scans, for a device that serves one client at a time.
    public var releases: Bool
    /// Requests that may be on their way at once, 1...16. The Messaging Implementation Guide (V1.0b, section 4.2)
    /// leaves the number to the device, and many take one.
    public var maxInFlight: Int

    public init(
        pause: Duration = .zero, unitPause: Duration = .zero, connectDelay: Duration = .zero,
        connectTimeout: Duration? = nil, releases: Bool = false, maxInFlight: Int = 1
    ) {
        self.pause = pause
        self.unitPause = unitPause
        self.connectDelay = connectDelay
        self.connectTimeout = connectTimeout
        self.releases = releases
        self.maxInFlight = maxInFlight
    }
}

/// One instrument or PLC: a unit behind an endpoint. Several controllers may share an endpoint (a gateway).
public struct Controller: Sendable, Hashable, Identifiable {
    /// The index in `Plant.controllers`.
    public typealias ID = Int

    public let id: ID
    public let name: String
    public let description: String?
    /// Where it can be reached, the preferred one first. Never empty; the others are for when that fails.
    public let endpoints: [Endpoint]
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
    public let pacing: Pacing
    /// The tag that must keep changing.
    public let heartbeat: Tag.ID?
    /// How long the heartbeat may stand still.
    public let heartbeatTimeout: Duration
    /// A block of it that has not changed in any bit for so long is frozen; `nil` when blocks may stand still.
    public let unchangedAfter: Duration?
    /// How its instrument's manual writes register numbers: for lists and exports.
    public let notation: AddressNotation

    public init(
        id: ID, name: String, description: String? = nil, endpoints: [Endpoint], unit: UInt8, model: String? = nil,
        timeout: Duration = .seconds(1), maxRegisters: Int = 125, maxGap: Int = 0, pacing: Pacing = Pacing(),
        heartbeat: Tag.ID? = nil, heartbeatTimeout: Duration = .seconds(5), unchangedAfter: Duration? = nil,
        notation: AddressNotation = .zeroBased
    ) {
        precondition(!endpoints.isEmpty, "a controller without an address")
        self.id = id
        self.name = name
        self.description = description
        self.endpoints = endpoints
        self.unit = unit
        self.model = model
        self.timeout = timeout
        self.maxRegisters = maxRegisters
        self.maxGap = maxGap
        self.pacing = pacing
        self.heartbeat = heartbeat
        self.heartbeatTimeout = heartbeatTimeout
        self.unchangedAfter = unchangedAfter
        self.notation = notation
    }

    /// A controller with one endpoint.
    public init(
        id: ID, name: String, description: String? = nil, endpoint: Endpoint, unit: UInt8, model: String? = nil,
        timeout: Duration = .seconds(1), maxRegisters: Int = 125, maxGap: Int = 0, pacing: Pacing = Pacing(),
        heartbeat: Tag.ID? = nil, heartbeatTimeout: Duration = .seconds(5), unchangedAfter: Duration? = nil
    ) {
        self.init(
            id: id, name: name, description: description, endpoints: [endpoint], unit: unit, model: model,
            timeout: timeout, maxRegisters: maxRegisters, maxGap: maxGap, pacing: pacing, heartbeat: heartbeat,
            heartbeatTimeout: heartbeatTimeout, unchangedAfter: unchangedAfter)
    }

    /// The preferred endpoint.
    public var endpoint: Endpoint { endpoints[0] }
}

/// The tags of one controller that are brought together, at one period: read from it, computed from what was read, or
/// counted about it.
public struct ScanGroup: Sendable, Hashable, Identifiable {
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
    /// What its tags tell about, when they are Cupel's own counters and nothing is read for them.
    public let diagnoses: DiagnosticSubject?

    public init(
        id: ID, controller: Controller.ID, scan: String, name: String, period: Duration, tags: [Tag.ID],
        diagnoses: DiagnosticSubject? = nil
    ) {
        self.id = id
        self.controller = controller
        self.scan = scan
        self.name = name
        self.period = period
        self.tags = tags
        self.diagnoses = diagnoses
    }
}
