/// What can be done to a simulated controller or its process.
public enum Fault: Hashable, Sendable {
    /// The control temperature ramps this many kelvin above itself within ten seconds, and back afterwards.
    case overTemperature(kelvin: Double)
    /// The control temperature reads upscale: above its range, or not a number where it has none.
    case thermocoupleOpen
    /// Cooling water stops within two seconds; the flow trip latches and cuts the power.
    case waterLoss
    /// No more oxide is fed; after some 48 minutes the anode effect comes.
    case feedStop
    /// The controller is off: connections are closed, new ones refused. Behind a gateway it only stays silent.
    case controllerDead
    /// The controller takes requests and never answers.
    case controllerSilent
    /// The controller answers, but its program stands still: no register changes any more.
    case heartbeatFrozen

    /// The word in a script.
    public var word: String {
        switch self {
        case .overTemperature: "over-temperature"
        case .thermocoupleOpen: "thermocouple-open"
        case .waterLoss: "water-loss"
        case .feedStop: "feed-stop"
        case .controllerDead: "controller-dead"
        case .controllerSilent: "controller-silent"
        case .heartbeatFrozen: "heartbeat-frozen"
        }
    }

    /// Every word, in the order of the documentation.
    static let words: [String] = [
        Fault.overTemperature(kelvin: 0), .thermocoupleOpen, .waterLoss, .feedStop, .controllerDead,
        .controllerSilent, .heartbeatFrozen,
    ].map(\.word)

    /// True when the word takes a number behind it.
    static func takesAmount(_ word: String) -> Bool { word == "over-temperature" }

    init?(word: String, amount: Double?) {
        switch word {
        case "over-temperature":
            guard let amount else { return nil }
            self = .overTemperature(kelvin: amount)
        case "thermocouple-open": self = .thermocoupleOpen
        case "water-loss": self = .waterLoss
        case "feed-stop": self = .feedStop
        case "controller-dead": self = .controllerDead
        case "controller-silent": self = .controllerSilent
        case "heartbeat-frozen": self = .heartbeatFrozen
        default: return nil
        }
    }
}

extension Fault: CustomStringConvertible {
    /// As a script writes it: `over-temperature 60`.
    public var description: String {
        switch self {
        case .overTemperature(let kelvin): "\(word) \(kelvin.shortText)"
        case .thermocoupleOpen, .waterLoss, .feedStop, .controllerDead, .controllerSilent, .heartbeatFrozen: word
        }
    }
}

extension Double {
    /// Without the `.0` of whole numbers.
    var shortText: String { Int64(exactly: self).map(String.init) ?? description }
}

/// A fault with its place and time.
public struct ScheduledFault: Hashable, Sendable {
    /// Simulated time since the start.
    public let at: Duration
    public let controller: String
    public let fault: Fault
    /// `nil` never ends.
    public let lasting: Duration?

    public init(at: Duration, controller: String, fault: Fault, lasting: Duration? = nil) {
        (self.at, self.controller, self.fault, self.lasting) = (at, controller, fault, lasting)
    }
}
