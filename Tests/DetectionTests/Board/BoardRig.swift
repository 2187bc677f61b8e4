import Plant
import struct Plant.Tag

@testable import Detection

/// A plant of two furnaces under the hand of a test: each with a temperature and a pressure read every second, and a
/// phase and an output read every two.
struct BoardRig {
    static let names = ["temp", "pressure", "phase", "output"]
    var board: AlarmBoard
    let plant: Plant
    var happened: [AlarmBoard.Happening] = []

    /// - Parameter alarms: get their numbers by their places.
    init(_ alarms: [AlarmDefinition] = [], states: [AlarmState]? = nil) {
        plant = Self.plant(alarms)
        board = AlarmBoard(plant, states: states ?? alarms.map { _ in AlarmState() })
    }

    static func plant(_ alarms: [AlarmDefinition]) -> Plant {
        func tag(_ id: Int) -> Tag {
            let (furnace, number) = (id / 4, id % 4)
            return Tag(
                id: id, name: "F-0\(furnace + 1).\(names[number])", localName: names[number], controller: furnace,
                registers: RegisterRange(table: .holding, start: number * 2, count: 2)!, type: .float32,
                group: furnace * 2 + number / 2, slot: number % 2)
        }
        return Plant(
            name: "Test", site: "T", timeZone: "UTC",
            controllers: (0..<2).map {
                Controller(
                    id: $0, name: "F-0\($0 + 1)", endpoint: Endpoint(host: "127.0.0.1", port: 502), unit: 1,
                    timeout: .milliseconds(500))
            },
            groups: (0..<4).map { group in
                ScanGroup(
                    id: group, controller: group / 2, scan: group % 2 == 0 ? "normal" : "slow",
                    name: "F-0\(group / 2 + 1)/\(group % 2 == 0 ? "normal" : "slow")",
                    period: .seconds(group % 2 == 0 ? 1 : 2), tags: [group * 2, group * 2 + 1])
            },
            tags: (0..<8).map(tag), alarms: alarms)
    }

    /// One complete scan of a group, asked for at `time`.
    @discardableResult
    mutating func scan(_ group: Int, at time: Int64, _ values: Double..., quality: Quality = .good) -> [String] {
        board.controller(group / 2, isLost: false, at: time, cause: .good)
        for (tag, value) in zip(plant.groups[group].tags, values) {
            board.take(tag, Sample(time: time, value: quality.isBad ? .nan : value, quality: quality))
        }
        board.complete(group, at: time)
        return gather()
    }

    @discardableResult
    mutating func lose(_ group: Int, at time: Int64) -> [String] {
        board.controller(group / 2, isLost: true, at: time + 500, cause: .timeout)
        board.lose(group, at: time, cause: .timeout)
        return gather()
    }

    @discardableResult
    mutating func rest(at now: Int64) -> [String] {
        board.rest(at: now)
        return gather()
    }

    mutating func order(_ command: AlarmCommand, _ alarm: Int, at time: Int64) -> AlarmAnswer {
        defer { _ = gather() }
        return board.obey(command, alarm, at: time, by: Note(who: "kim", why: "because"))
    }

    /// `raise!0@1000`: what, annunciated or not, alarm, effective.
    mutating func gather() -> [String] {
        let news = board.takeHappened()
        happened += news
        return news.map {
            "\($0.event.what.rawValue)\($0.event.annunciated ? "!" : "")\($0.alarm)@\($0.event.effective)"
        }
    }
}

extension AlarmDefinition {
    /// High at 100 on a tag, or any other detector.
    static func on(
        _ tag: Tag.ID?, _ id: Int = 0, _ detector: Detector? = nil, onDelay: Int64 = 0, offDelay: Int64 = 0,
        group: String? = nil, latching: Bool = false, activity: Activity = Activity(), gap: Int64 = 6000
    ) -> AlarmDefinition {
        let limits = Levels([AlarmLimit(level: .high, limit: 100, priority: .high, deadband: 5)], isAbove: true)
        return AlarmDefinition(
            id: id, name: "a\(id)", rule: "a\(id)", tag: tag, detector: detector ?? .levels(limits),
            qualification: Qualification(
                onDelay: .milliseconds(onDelay), offDelay: .milliseconds(offDelay), maxGap: .milliseconds(gap)),
            handling: Handling(latching: latching, group: group), activity: activity)
    }

    static func comms(_ controller: Int, _ id: Int) -> AlarmDefinition {
        on(nil, id, .comms(controller, priority: .high))
    }
}

extension Logic {
    /// A tag has a value.
    static func `is`(_ tag: Tag.ID, _ value: Double) -> Logic { Logic(text: "", root: .isOne(tag, of: [value])) }
    static func alarm(_ id: AlarmDefinition.ID) -> Logic { Logic(text: "", root: .alarm(id)) }
}
