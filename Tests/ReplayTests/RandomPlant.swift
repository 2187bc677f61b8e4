import Plant
import struct Plant.Tag
import TestSupport

/// A small plant in which every kind of alarm depends on something that may come too late.
struct RandomPlant {
    static let commsName = "comms"
    private(set) var controllers: [Controller] = []
    private(set) var groups: [ScanGroup] = []
    private(set) var tags: [Tag] = []
    private(set) var alarms: [AlarmDefinition] = []
    private var random: SeededRandom

    static func make(_ random: inout SeededRandom) -> Plant {
        var maker = RandomPlant(random: random)
        maker.addTags()
        for _ in 0..<(6 + Int(random.next() % 14)) { maker.addAlarm() }
        random = maker.random
        return Plant(
            name: "random", site: "test", timeZone: "UTC", controllers: maker.controllers, groups: maker.groups,
            tags: maker.tags, alarms: maker.alarms)
    }

    private init(random: SeededRandom) { self.random = random }

    private mutating func addTags() {
        for controller in 0..<(1 + Int(random.next() % 3)) {
            controllers.append(
                Controller(
                    id: controller, name: "C\(controller)", endpoint: Endpoint(host: "127.0.0.1", port: 502), unit: 1,
                    timeout: .milliseconds(random.pick([200, 500, 1000]))))
            for number in 0..<(1 + Int(random.next() % 2)) {
                let first = tags.count
                for slot in 0..<(1 + Int(random.next() % 4)) {
                    tags.append(
                        Tag(
                            id: tags.count, name: "C\(controller).g\(number)t\(slot)", localName: "g\(number)t\(slot)",
                            controller: controller,
                            registers: RegisterRange(table: .holding, start: slot * 2 + number * 20, count: 2),
                            type: .float32, group: groups.count, slot: slot))
                }
                groups.append(
                    ScanGroup(
                        id: groups.count, controller: controller, scan: "s\(number)", name: "C\(controller)/s\(number)",
                        period: .milliseconds(random.pick([500, 1000, 2000])), tags: Array(first..<tags.count)))
            }
            add(
                nil, .comms(controller, priority: .high), name: "comms:C\(controller)", activity: Activity(),
                grouped: false)
        }
    }

    private mutating func addAlarm() {
        let tag = Int(random.next() % UInt64(tags.count))
        let other = Int(random.next() % UInt64(tags.count))
        let seconds = Duration.seconds(Int(1 + random.next() % 8))
        switch random.next() % 14 {
        case 0...3: add(tag, .levels(levels()), activity: activity())
        case 4:
            let deviation = Deviation(
                setpoint: other, form: random.pick(Deviation.Form.allCases), maxSkew: seconds,
                soakBand: random.chance(30) ? 2 : nil)
            add(tag, .levels(levels(.deviation(deviation))), activity: activity())
        case 5: add(tag, .levels(levels(.rate(RateOfChange(over: seconds, per: .seconds(1))))), activity: activity())
        case 6: add(nil, .test(.logic(logic()), priority: .medium), activity: activity())
        case 7: add(tag, .test(.quality([]), priority: .low), activity: activity())
        case 8: add(tag, .test(.stale(after: seconds), priority: .low), activity: activity())
        case 9: add(tag, .test(.mismatch(feedback: other, transit: seconds), priority: .high), activity: activity())
        case 10: add(tag, .test(.change, priority: .low), activity: activity())
        case 11: add(tag, .test(.edges(count: 3, within: seconds), priority: .low), activity: activity())
        case 12: add(tag, .levels(levels(.vote(with: [other], need: 1, bad: .drop))), activity: activity())
        default:
            let stuck = Stuck(tolerance: 0.5, over: seconds, samples: 3, whenMoving: random.chance(50) ? logic() : nil)
            add(tag, .test(.stuck(stuck), priority: .low), activity: activity())
        }
    }

    private mutating func levels(_ figure: Figure = .value) -> Levels {
        let deadband = random.pick([0, 1.0])
        return Levels(
            [
                AlarmLimit(level: .high, limit: 5, priority: .medium, deadband: deadband),
                AlarmLimit(level: .highHigh, limit: 8, priority: .critical, deadband: deadband),
            ], isAbove: true, isInclusive: random.chance(80), figure: figure)
    }

    private mutating func activity() -> Activity {
        guard random.chance(40) else { return Activity() }
        let arming: Activity.Arming? = random.pick([nil, .onceNormal, .after(.seconds(Int(1 + random.next() % 5)))])
        return Activity(
            when: random.chance(70) ? logic() : nil, suppressedBy: random.chance(30) ? logic() : nil, arming: arming)
    }

    /// Of tags, and of alarms that were made before.
    private mutating func logic() -> Logic {
        var nodes: [Logic.Node] = []
        for _ in 0..<(1 + random.next() % 3) {
            if random.chance(40) {
                nodes.append(.alarm(Int(random.next() % UInt64(alarms.count))))
            } else {
                nodes.append(.compare(.tag(Int(random.next() % UInt64(tags.count))), .more, .number(4)))
            }
        }
        let root: Logic.Node = random.pick([.any(nodes), .all(nodes), .not(nodes[0]), .atLeast(1, nodes)])
        return Logic(text: "random", root: root)
    }

    private mutating func add(
        _ tag: Tag.ID?, _ detector: Detector, name: String? = nil, activity: Activity, grouped: Bool = true
    ) {
        let delays = [Duration.zero, .zero, .milliseconds(700), .seconds(3)]
        let period = tag.map { groups[tags[$0].group].period } ?? .seconds(1)
        let qualification = Qualification(
            onDelay: random.pick(delays), offDelay: random.pick(delays), maxGap: .milliseconds(3 * period.milliseconds),
            count: random.chance(10) ? .init(runs: 3, within: .seconds(20)) : nil,
            onBad: random.chance(15) ? .activate(after: .seconds(2)) : .freeze)
        let handling = Handling(
            latching: random.chance(20), acknowledgement: random.pick([.required, .required, .auto, .none]),
            reAlarm: random.chance(20) ? .seconds(10) : nil, group: grouped && random.chance(15) ? "family" : nil)
        alarms.append(
            AlarmDefinition(
                id: alarms.count, name: name ?? "a\(alarms.count)", rule: "r", tag: tag, detector: detector,
                qualification: qualification, handling: handling, activity: activity))
    }
}
