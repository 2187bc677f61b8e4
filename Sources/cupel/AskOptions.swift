import ArgumentParser
import Commissioning
import Glibc
import Modbus
import Plant
import PlantConfiguration
import Ring
import UnixSignals

/// Whom a commissioning command asks, and how.
struct AskOptions: ParsableArguments {
    /// A controller that never answers a read within so long is not usable, and a person is waiting.
    static let timeout: Duration = .seconds(1)
    /// The port that IANA has given to Modbus.
    static let port: UInt16 = 502

    @Option(help: "Where a controller's name is looked up: a directory with cupel.yaml, or the file.")
    var config = "/etc/cupel"

    @Option(help: "How long a reply may take, 500ms; otherwise the controller's timeout, or 1s.")
    var timeout: SpanText?

    @Option(help: "Left between two requests, at least the default of 20ms.")
    var pause: SpanText?

    /// What a person named: a controller of the configuration, else a host.
    func party(_ name: String) throws -> Party {
        // A controller's name has neither : nor dots that make an address of it.
        if !name.contains(":"), !name.contains("."), access(config, F_OK) == 0 {
            let plant = try load()
            if let controller = plant.controllers.first(where: { $0.name == name }) {
                return party(controller, of: plant)
            }
        }
        let endpoint = try Endpoint(typed: name, port: AskOptions.port)
        return Party(
            name: "\(endpoint)", endpoints: [endpoint], unit: 1, timeout: timeout?.duration ?? AskOptions.timeout,
            pacing: Pacing(pause: pause?.duration ?? Inquiry.pause))
    }

    func party(_ controller: Controller, of plant: Plant) -> Party {
        var pacing = controller.pacing
        pacing.pause = pause?.duration ?? pacing.pause
        return Party(
            name: "\(controller.name) at \(controller.endpoint)", endpoints: controller.endpoints,
            unit: controller.unit, timeout: timeout?.duration ?? controller.timeout, pacing: pacing,
            known: (controller, plant))
    }

    /// The plant, or every error of its configuration on standard error and exit 78.
    func load() throws -> Plant {
        do {
            return try loadConfiguration(config).plant
        } catch {
            Output.complain("\(error)")
            throw ExitCode.configuration
        }
    }
}

/// The other side of a conversation.
struct Party: Sendable {
    /// For people.
    let name: String
    let endpoints: [Endpoint]
    let unit: UInt8
    let timeout: Duration
    let pacing: Pacing
    /// When it is a controller of the configuration.
    var known: (controller: Controller, plant: Plant)?

    /// Talks to it on a thread of its own, until done or until SIGINT or SIGTERM.
    func asked<Value: Sendable>(_ body: @escaping @Sendable (inout Inquiry) -> Value) async throws -> Value {
        let interrupter = Interrupter()
        // Before anything is asked: what comes in between would end the process by itself.
        let trapped = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let signals = Task {
            for await _ in trapped { interrupter.interrupt() }
        }
        defer { signals.cancel() }
        return try await withCheckedThrowingContinuation { continuation in
            do throws(WorkerError) {
                _ = try Worker(name: "ask") {
                    var inquiry = Inquiry(
                        endpoints: endpoints, timeout: timeout, pacing: pacing, interrupter: interrupter)
                    continuation.resume(returning: body(&inquiry))
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }
}

extension SpanText {
    var duration: Duration { .milliseconds(milliseconds) }
}

extension Endpoint {
    /// `HOST`, `HOST:PORT`, `[fd00::20]:502` or `fd00::20`. Asks the resolver for a name, which may take its timeout.
    init(typed text: String, port: UInt16) throws {
        let expected = "HOST or HOST:PORT, such as 192.168.1.20:502 or [fd00::20]:502"
        let host: Substring
        var digits: Substring?
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else {
                throw ValidationError("found \"\(text)\", expected \(expected)")
            }
            digits = rest.isEmpty ? nil : rest.dropFirst()
        } else if text.count(where: { $0 == ":" }) == 1, let colon = text.firstIndex(of: ":") {
            (host, digits) = (text[..<colon], text[text.index(after: colon)...])
        } else {
            host = text[...]
        }
        let number = digits.map { UInt16($0) } ?? port
        guard let number, number > 0, !host.isEmpty else {
            throw ValidationError("found \"\(text)\", expected \(expected)")
        }
        self.init(host: try Self.address(of: String(host)), port: number)
    }

    private static func address(of host: String) throws -> String {
        var hints = addrinfo()
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var answer: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &answer)
        defer { if let answer { freeaddrinfo(answer) } }
        var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard code == 0, let answer,
            getnameinfo(
                answer.pointee.ai_addr, answer.pointee.ai_addrlen, &buffer, socklen_t(buffer.count), nil, 0,
                NI_NUMERICHOST) == 0
        else {
            throw ValidationError(
                "found \"\(host)\", expected a controller of the configuration, an IP address or a host name that "
                    + "resolves (\(String(cString: gai_strerror(code))))")
        }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
