import ArgumentParser
import Commissioning
import Glibc
import Modbus
import Plant

extension ModbusError {
    /// What went wrong and who has to be looked at first.
    var advice: String {
        switch fault {
        case .controller: "\(self); look first at the controller, or the gateway in front of it"
        case .network:
            "\(self); look first at the cable, the address, and whether the daemon holds the only connection that a "
                + "controller may accept"
        case .machine: "\(self); look first at this machine"
        case .nobody: "\(self)"
        }
    }

    var exitCode: ExitCode {
        switch self {
        case .exception: .data
        case .timeout, .refused, .unreachable, .disconnected, .badReply: .unavailable
        case .localFault: .software
        case .stopped: .interrupted
        }
    }
}

extension ExitCode {
    /// What a shell says of a program that SIGINT ended.
    static let interrupted = ExitCode(130)
}

extension Ending {
    /// Says why a look ended early.
    ///
    /// - Throws: the exit code, when it did.
    func explain(_ party: String) throws {
        switch self {
        case .complete: return
        case .stopped:
            Output.complain("cupel: stopped; what was found until then is shown")
            throw ExitCode.interrupted
        case .lost(let error):
            Output.complain("cupel: \(party): \(error.advice)")
            throw error.exitCode
        }
    }
}

/// One line on standard error that overwrites itself, when a terminal is there to show it.
enum ProgressLine {
    static let report: Progress.Report = { progress in
        guard isatty(STDERR_FILENO) == 1 else { return }
        write("\r\u{1B}[K\(progress.done) of \(progress.total): \(progress.what)")
    }

    static func end() {
        if isatty(STDERR_FILENO) == 1 { write("\r\u{1B}[K") }
    }

    private static func write(_ text: String) {
        var text = text
        text.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

enum AskText {
    /// Milliseconds with three digits behind the point.
    static func milliseconds(_ nanoseconds: Int64) -> String {
        "\(Tag.shown((Double(nanoseconds) / 1000).rounded() / 1000)) ms"
    }

    /// `1-4, 7, 9-12`, of numbers in ascending order.
    static func runs(_ numbers: [Int]) -> String {
        var runs: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = runs.last, last.upperBound + 1 == number {
                runs[runs.count - 1] = last.lowerBound...number
            } else {
                runs.append(number...number)
            }
        }
        return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ", ")
    }
}

/// `LOW:HIGH`, `0:1800`.
struct LimitsText: ExpressibleByArgument {
    let range: ClosedRange<Double>

    init?(argument: String) {
        let parts = argument.split(separator: ":").map { Double($0) }
        guard parts.count == 2, let low = parts[0], let high = parts[1], low <= high else { return nil }
        range = low...high
    }
}

/// `1-247` or `1,5,10-20`.
struct UnitList: ExpressibleByArgument, CustomStringConvertible {
    let units: [UInt8]
    let description: String

    init(units: [UInt8], description: String) { (self.units, self.description) = (units, description) }

    init?(argument: String) {
        var units: [UInt8] = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { UInt8($0) }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last
            else { return nil }
            units += (first...last).filter { !units.contains($0) }
        }
        self.units = units
        description = argument
    }
}

/// One of a few names, such as a register table.
struct Choice<Value: RawRepresentable<String> & CaseIterable & Sendable>: ExpressibleByArgument,
    CustomStringConvertible
{
    let value: Value
    var description: String { value.rawValue }
    static var allValueStrings: [String] { Value.allCases.map(\.rawValue) }

    init(_ value: Value) { self.value = value }

    init?(argument: String) {
        guard let value = Value(rawValue: argument) else { return nil }
        self.value = value
    }
}
