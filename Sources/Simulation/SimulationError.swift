import Glibc
public import Plant

/// Why a simulation does not start.
public enum SimulationError: Error, Hashable, Sendable {
    /// Another process listens there.
    case addressTaken(Endpoint, controllers: [String])
    /// The system refuses to listen there: not an address of this machine, a port below 1024, no descriptor.
    case cannotListen(Endpoint, controllers: [String], code: CInt)
    /// Not an IP address.
    case notAnAddress(Endpoint, controllers: [String])
    /// Two controllers of the same unit behind the same endpoint: only one could answer.
    case sameUnit(Endpoint, unit: UInt8, controllers: [String])
    /// The script names controllers that the plant does not have.
    case unknownControllers([String], known: [String])
    /// An option is outside its range.
    case option(String, found: Double, expected: ClosedRange<Double>)
    /// The system gave no thread, no memory.
    case system(String)
    /// `start()` was called before.
    case alreadyStarted
}

extension SimulationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .addressTaken(let endpoint, let names):
            "\(endpoint) (\(names.joined(separator: ", "))): another process listens there already"
        case .cannotListen(let endpoint, let names, let code):
            "\(endpoint) (\(names.joined(separator: ", "))): cannot listen: \(String(cString: strerror(code)))"
        case .notAnAddress(let endpoint, let names):
            "\(endpoint) (\(names.joined(separator: ", "))): expected an IP address, found '\(endpoint.host)'"
        case .sameUnit(let endpoint, let unit, let names):
            "\(endpoint): expected one controller for unit \(unit), found \(names.joined(separator: " and "))"
        case .unknownControllers(let names, let known):
            "the fault script names \(names.joined(separator: ", ")); expected one of \(known.joined(separator: ", "))"
        case .option(let name, let found, let range):
            "\(name): expected \(range.lowerBound.shortText) to \(range.upperBound.shortText), found \(found.shortText)"
        case .system(let what): what
        case .alreadyStarted: "the simulation was started before"
        }
    }
}
