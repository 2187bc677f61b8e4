import Foundation
import Plant
import Simulation
import TestSupport
import Testing

/// Debian's `mbpoll` shares no code with Cupel: it reads the simulator as a commissioning engineer would.
@Suite struct MbpollTests {
    static let path = "/usr/bin/mbpoll"
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: path) }

    @Test(.enabled(if: isInstalled, "mbpoll is not installed")) func readsTheSameFloats() throws {
        let clock = ManualClock()
        let options = SimulationOptions(endpoint: { Endpoint(host: $0.host, port: 0) })
        let simulator = Simulator(plant: SamplePlant.plant, options: options, clock: clock)
        try simulator.start()
        defer { simulator.stop() }
        clock.advance(seconds: 12)
        let port = try #require(simulator.endpoint(of: "F-01")?.port)
        let output = try run([
            "-0", "-1", "-q", "-B", "-m", "tcp", "-p", "\(port)", "-a", "1", "-r", "10", "-c", "2", "-t", "4:float",
            "127.0.0.1",
        ])
        let shown = output.split(separator: "\n").compactMap { line -> Double? in
            guard line.hasPrefix("["), let text = line.split(whereSeparator: \.isWhitespace).last else { return nil }
            return Double(text)
        }
        let expected = try ["melt_temp", "melt_temp_2"].map {
            try #require(simulator.value(controller: "F-01", tag: $0))
        }
        try #require(shown.count == 2, "\(output)")
        // mbpoll prints six digits.
        for (shown, expected) in zip(shown, expected) { #expect(abs(shown - expected) < 0.01) }
    }

    private func run(_ arguments: [String]) throws -> String {
        let result = try Program(Self.path, arguments).exit()
        return result.output + "\n" + result.errors
    }
}
