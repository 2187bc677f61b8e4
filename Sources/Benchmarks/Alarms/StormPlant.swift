import FoundationEssentials
import Glibc

/// A plant under the load of `cupel-bench load`, and beside it controllers whose tags all have alarms, with sinks.
struct StormPlant {
    /// How fast the controllers with the alarms are read: several times in half of the shortest wave.
    static let stormPeriod = 200
    /// 150 and 50 lie well on both sides, and the values that a farm's tags have by themselves below.
    static let limit = 140

    let quiet: Int
    let storms: Int
    let tags: Int
    var devices: Int { quiet + storms }

    /// Where the lines of alarms go.
    struct Places {
        var file: String
        var fifo: String
        var webhook: UInt16?
    }

    func write(to directory: String, ports: [Int], places: Places) throws {
        let plain = GeneratedPlant(controllers: quiet, tags: tags, periodMilliseconds: 1000)
        try plain.write(
            to: directory, socket: DaemonUnderTest.socket(in: directory), ports: Array(ports[..<quiet]),
            more: ports[quiet...].enumerated().map { index, port in
                """
                  - {name: S-\(index), address: "127.0.0.1:\(port)", unit: 1, profile: farm,
                     scan: {normal: \(Self.stormPeriod)ms}}

                """
            }.joined(), alarms: alarms, sinks(places))
    }

    private var alarms: String {
        """
          - {id: storm, tag: "S-*.t*", levels: {high: {limit: \(Self.limit), priority: high}}, deadband: 5}

        """
    }

    /// High priority is not summed up in a flood, and nothing here chatters within a second. Everything is told.
    private func sinks(_ places: Places) -> String {
        """
        alarm_system: {chatter: {changes: 100, within: 1s, hold: 1s}}
        sinks:
          - {name: file, file: {path: "\(places.file)", format: json, max_size: 1GB}, events: all}
          - {name: fifo, fifo: "\(places.fifo)", events: all}

        """
            + (places.webhook.map {
                "  - {name: webhook, webhook: \"http://127.0.0.1:\($0)/alarms\", events: all}\n"
            } ?? "")
    }
}
