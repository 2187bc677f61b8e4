import Plant

@testable import Detection

/// The rules again, as one would say them, by looking at all that ever happened, each millisecond.
struct NaiveAnnouncer {
    struct Said: Hashable {
        let kind: SupervisorNotice.Kind
        let time: Int64
        let count: Int
        let alarms: Set<Int>
    }

    struct Change {
        let time: Int64
        let isRaise: Bool
        var told: Announcer.Badness?
    }

    let flood: (starts: Int, ends: Int, window: Int64, digest: Int64)
    let chatter: (changes: Int, window: Int64, hold: Int64)
    let mass: (alarms: Int, window: Int64)

    var settings: Supervision {
        Supervision(
            flood: .init(
                starts: flood.starts, ends: flood.ends, window: .milliseconds(flood.window),
                digestEvery: .milliseconds(flood.digest)),
            chatter: .init(
                changes: chatter.changes, window: .milliseconds(chatter.window), hold: .milliseconds(chatter.hold)),
            massExit: .init(alarms: mass.alarms, window: .milliseconds(mass.window)))
    }

    var told: [Int64] = []
    var floodSince: Int64?
    var floodCount = 0
    var pending: [Int] = []
    var changes: [Int: [Change]] = [:]
    var worst: [Int: Announcer.Badness] = [:]
    var chattering: [Int: Int] = [:]
    var exits: [Int64] = []
    var group: (since: Int64, alarms: [Int])?
    var said: [Said] = []

    init(
        flood: (starts: Int, ends: Int, window: Int64, digest: Int64),
        chatter: (changes: Int, window: Int64, hold: Int64), mass: (alarms: Int, window: Int64)
    ) { (self.flood, self.chatter, self.mass) = (flood, chatter, mass) }

    mutating func annunciate(_ now: Int64) {
        told.append(now)
        floodCount += 1
        let recent = told.count { $0 > now - flood.window }
        guard floodSince == nil, recent >= flood.starts else { return }
        (floodSince, floodCount) = (now, flood.starts)
        said.append(Said(kind: .floodBegins, time: now, count: flood.starts, alarms: []))
    }

    mutating func closeGroup(_ now: Int64) {
        guard let group else { return }
        self.group = nil
        said.append(Said(kind: .massExit, time: now, count: group.alarms.count, alarms: Set(group.alarms)))
        annunciate(now)
    }

    mutating func digest(_ now: Int64) {
        guard !pending.isEmpty else { return }
        said.append(Said(kind: .digest, time: now, count: pending.count, alarms: Set(pending)))
        pending = []
    }

    /// A millisecond has come.
    mutating func moment(_ now: Int64) {
        if let group, now == group.since + mass.window { closeGroup(now) }
        if let since = floodSince {
            if now > since, (now - since) % flood.digest == 0 { digest(now) }
            if told.count(where: { $0 > now - flood.window }) < flood.ends {
                digest(now)
                said.append(Said(kind: .floodEnds, time: now, count: floodCount, alarms: []))
                floodSince = nil
            }
        }
        for (alarm, raises) in chattering.sorted(by: { $0.key < $1.key }) {
            guard let last = changes[alarm]?.last, now - last.time >= chatter.hold else { continue }
            said.append(Said(kind: .chatterEnds, time: now, count: raises, alarms: [alarm]))
            (chattering[alarm], changes[alarm], worst[alarm]) = (nil, nil, nil)
        }
    }

    mutating func tell(_ batch: [Announcer.Occasion], at now: Int64) -> [Telling] {
        let isMass = batch.count { $0.what == .raiseExit && $0.annunciated } > mass.alarms
        let tellings = batch.map { tell($0, now, isMass) }
        if isMass { closeGroup(now) }
        return tellings
    }

    private mutating func tell(_ event: Announcer.Occasion, _ now: Int64, _ isMass: Bool) -> Telling {
        let isRaise = [.raise, .raiseExit].contains(event.what)
        let badness = Announcer.Badness(severity: event.level.severity, priority: event.priority)
        let alarm = event.alarm
        if isRaise || event.what == .clear {
            let before = (changes[alarm] ?? []).suffix(chatter.changes + 1).compactMap(\.told).max()
            changes[alarm, default: []].append(Change(time: now, isRaise: isRaise))
            let last = (changes[alarm] ?? []).suffix(chatter.changes + 1)
            if let raises = chattering[alarm] {
                chattering[alarm] = raises + (isRaise ? 1 : 0)
            } else if last.count == chatter.changes + 1, now - (last.first?.time ?? 0) <= chatter.window {
                chattering[alarm] = last.count { $0.isRaise }
                worst[alarm] = before
                said.append(
                    Said(kind: .chatterBegins, time: now, count: chattering[alarm] ?? 0, alarms: [alarm]))
            }
        }
        guard event.annunciated else { return .none }
        var isTooMany = false
        if event.what == .raiseExit {
            isTooMany = isMass || group != nil || exits.count { $0 >= now - mass.window } >= mass.alarms
            exits.append(now)
        }
        let repeats = isRaise || event.what == .reAlarm
        if repeats, event.priority != .critical, chattering[alarm] != nil, let worst = worst[alarm], badness <= worst {
            return .counted
        }
        if chattering[alarm] != nil { worst[alarm] = max(worst[alarm] ?? badness, badness) }
        if let index = (changes[alarm] ?? []).suffix(chatter.changes + 1).lastIndex(where: \.isRaise) {
            let old = changes[alarm]?[index].told
            changes[alarm]?[index].told = max(old ?? badness, badness)
        }
        if isTooMany, event.priority != .critical {
            group = (group?.since ?? now, (group?.alarms ?? []) + [alarm])
            return .grouped
        }
        annunciate(now)
        guard floodSince != nil, event.priority == .low || event.priority == .medium else { return .single }
        pending.append(alarm)
        return .digest
    }
}
