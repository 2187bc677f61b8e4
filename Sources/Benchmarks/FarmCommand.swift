import ArgumentParser
import CBaseline

/// The farm by itself: what the other commands start, and for measuring something else against it.
struct FarmCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "farm", abstract: "Serves many Modbus/TCP devices on loopback until it is killed.")

    @Option(help: "How many devices.") var devices = 20
    @Option(help: "The first port; 0 lets the kernel choose. The ports are the first line of output.") var basePort = 0
    @Option(help: "float32 tags a device, from register 0 on.") var tags = 100
    @Option(help: "How often a device will be polled; longer gaps count as missed polls.") var periodNs: Int64 = 0
    @Option(help: "How long after a request its reply is sent.") var turnaroundNs: Int64 = 0
    @Option(help: "A fault that some have: dead, silent, dripping, or exception-N.") var fault: FarmFault?
    @Option(help: "So many of the last devices have the fault.") var faultyDevices = 1
    @Option(help: "The only unit of them that has it; 0 is all.") var faultyUnit = 0

    func run() throws {
        var options = baseline_farm(
            devices: CInt(devices), base_port: CInt(basePort), tags: CInt(tags), period_ns: periodNs,
            turnaround_ns: turnaroundNs, fault: fault?.code ?? baseline_well, exception: CInt(fault?.exception ?? 0),
            faulty_devices: CInt(faultyDevices), faulty_unit: CInt(faultyUnit))
        let code = baseline_farm(&options)
        if code != 0 { throw ExitCode(code) }
    }
}

/// What is wrong with a device.
enum FarmFault: Hashable, CustomStringConvertible, ExpressibleByArgument {
    /// Its port refuses every connection.
    case dead
    /// It takes requests and never answers.
    case silent
    /// A byte of its reply every 50 ms.
    case dripping
    /// It answers every request with this code.
    case exception(UInt8)

    private static let exceptionPrefix = "exception-"

    init?(argument: String) {
        switch argument {
        case "dead": self = .dead
        case "silent": self = .silent
        case "dripping": self = .dripping
        default:
            guard argument.hasPrefix(Self.exceptionPrefix),
                let code = UInt8(argument.dropFirst(Self.exceptionPrefix.count))
            else { return nil }
            self = .exception(code)
        }
    }

    var description: String {
        switch self {
        case .dead: "dead"
        case .silent: "silent"
        case .dripping: "dripping"
        case .exception(let code): "\(Self.exceptionPrefix)\(code)"
        }
    }

    var code: baseline_fault {
        switch self {
        case .dead: baseline_dead
        case .silent: baseline_silent
        case .dripping: baseline_dripping
        case .exception: baseline_exception
        }
    }

    var exception: UInt8 { if case .exception(let code) = self { code } else { 0 } }
}

/// Which devices of a farm have which fault.
struct FarmSickness {
    let fault: FarmFault
    /// So many of the last.
    var devices = 1
    /// The only unit of them, or `nil` for all.
    var unit: UInt8?

    var arguments: [String] {
        ["--fault", "\(fault)", "--faulty-devices", "\(devices)", "--faulty-unit", "\(unit ?? 0)"]
    }
}
