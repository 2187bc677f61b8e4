import Archive
import Detection
import Historian
import Plant
import TestSupport

@testable import Replay

/// A day as the watch sees it, and as the history and the audit keep it.
///
/// Every controller has a line of its own that asks one request after the other. The watch wakes up now and then, takes
/// what each line has published by then, block by block, then operators' commands, and looks at the timers four times a
/// second. What the board cannot see is left out: a scan that breaks off in the middle.
struct LiveDay {
    let plant: Plant
    private(set) var scans: [RecordedScan] = []
    private(set) var moments: [RecordedMoment] = []
    private(set) var events: [ReplayEvent] = []
    private(set) var end: Int64 = 0

    private var random: SeededRandom
    private var board: AlarmBoard
    private var lines: [Line]
    private var values: [Double]
    /// By group: blocks of the open scan that have come.
    private var open: [Int]
    private var waiting: [AlarmDefinition.ID] = []

    static let begin: Int64 = 1_767_434_400_000
    private static let turn: Int64 = 250

    /// One reply, or the news of a loss.
    private struct Block {
        var group: ScanGroup.ID
        var sent: Int64
        var replied: Int64
        var readings: [RecordedReading]
        var isLast = true
        var loss = Quality.good
    }

    private struct Line {
        var now: Int64
        var due: [Int64]
        var isDown = false
        var published: [Block] = []
    }

    init(_ plant: Plant, seconds: Int64, random: SeededRandom) {
        self.plant = plant
        self.random = random
        board = AlarmBoard(plant, states: plant.alarms.map { _ in AlarmState() })
        let groups = plant.groups
        lines = plant.controllers.map { _ in Line(now: LiveDay.begin, due: groups.map { _ in LiveDay.begin }) }
        values = plant.tags.map { _ in 4 }
        open = groups.map { _ in 0 }
        run(LiveDay.begin + seconds * 1000)
    }

    private mutating func run(_ last: Int64) {
        var now = LiveDay.begin
        var turnAt = now
        while now < last || open.contains(where: { $0 > 0 }) {
            now += 1 + Int64(random.next() % 60)
            for line in lines.indices {
                while lines[line].now < now { ask(line) }
                drain(line, now)
            }
            if random.chance(5) { waiting.append(Int(random.next() % UInt64(plant.alarms.count))) }
            obey(now)
            if now >= turnAt {
                board.rest(at: now)
                turnAt = now + LiveDay.turn
            }
            if random.next() % 2000 == 0, open.allSatisfy({ $0 == 0 }) { restart(&now) }
            gather()
        }
        end = now
        board.rest(at: now)
        gather()
    }

    // MARK: Lines

    /// The next scan of a line, or its loss; both take time.
    private mutating func ask(_ line: Int) {
        let mine = plant.groups.filter { $0.controller == line }
        guard let next = mine.min(by: { lines[line].due[$0.id] < lines[line].due[$1.id] }) else { return }
        let sent = max(lines[line].now, lines[line].due[next.id])
        let timeout = plant.controllers[line].timeout.milliseconds
        if lines[line].isDown ? random.chance(80) : random.chance(2) {
            let gaveUp = sent + timeout
            if !lines[line].isDown {
                for group in mine {
                    lines[line].published.append(
                        Block(group: group.id, sent: gaveUp, replied: gaveUp, readings: [], loss: .timeout))
                }
            }
            lines[line].isDown = true
            lines[line].now = gaveUp + Int64(random.next() % 4000)
            return
        }
        lines[line].isDown = false
        // Some scans take as long as they may.
        let longest = random.chance(10) ? timeout + 900 : 80
        let took = 1 + Int64(random.next() % UInt64(longest))
        let readings = next.tags.map { reading($0) }
        let cut = readings.count > 1 ? Int(random.next() % UInt64(readings.count)) : 0
        if cut > 0 {
            lines[line].published.append(
                Block(
                    group: next.id, sent: sent, replied: sent + took / 2, readings: Array(readings[..<cut]),
                    isLast: false))
        }
        lines[line].published.append(
            Block(group: next.id, sent: sent, replied: sent + took, readings: Array(readings[cut...])))
        lines[line].now = sent + took
        lines[line].due[next.id] = sent + next.period.milliseconds
    }

    private mutating func reading(_ tag: Int) -> RecordedReading {
        if random.chance(30) { values[tag] += Double(Int64(random.next() % 9)) - 4 }
        values[tag] = min(10, max(0, values[tag]))
        if random.chance(5) { return RecordedReading(tag: tag, quality: .outOfRange, bits: 0, value: .nan) }
        let quality = random.chance(2) ? Quality.clamped : .good
        return RecordedReading(
            tag: tag, quality: quality, bits: UInt64(Float(values[tag]).bitPattern), value: values[tag])
    }

    // MARK: The watch

    private mutating func drain(_ line: Int, _ now: Int64) {
        while let block = lines[line].published.first, block.replied <= now {
            lines[line].published.removeFirst()
            take(block)
        }
    }

    /// As `WatchLoop.take` does.
    private mutating func take(_ block: Block) {
        let group = plant.groups[block.group]
        board.controller(
            group.controller, isLost: block.loss.isBad, at: block.loss.isBad ? block.replied : block.sent,
            cause: block.loss)
        if block.loss.isBad {
            board.lose(group.id, at: block.sent, cause: block.loss)
        } else {
            for reading in block.readings where board.watches(reading.tag) {
                board.take(
                    reading.tag,
                    Sample(time: block.sent, value: reading.value, quality: reading.quality, bits: reading.bits))
            }
            open[group.id] += 1
            if block.isLast { board.complete(group.id, at: block.sent) }
        }
        gather()
        record(block, group)
    }

    private var half: [ScanGroup.ID: [RecordedReading]] = [:]

    private mutating func record(_ block: Block, _ group: ScanGroup) {
        half[group.id, default: []] += block.readings
        guard block.isLast else { return }
        open[group.id] = 0
        let watched = group.tags.filter { board.watches($0) }
        scans.append(
            RecordedScan(
                time: block.sent, took: block.replied - block.sent, group: group.name, layout: Int64(group.id),
                loss: block.loss, tags: watched,
                readings: (half.removeValue(forKey: group.id) ?? []).filter { board.watches($0.tag) }))
    }

    /// Not while the scan of the alarm's own tag is half here.
    private mutating func obey(_ now: Int64) {
        for alarm in waiting {
            let definition = plant.alarms[alarm]
            if let tag = definition.tag, open[plant.tags[tag].group] > 0 { continue }
            waiting.removeAll { $0 == alarm }
            let state = board.states[alarm]
            let command: AlarmCommand = random.pick([
                .acknowledge(occurrence: state.occurrence, revision: state.revision), .reset,
                .acknowledge(occurrence: state.occurrence, revision: state.revision), .reset,
                .unacknowledge(occurrence: state.occurrence, revision: state.revision),
                .shelve(for: .seconds(5), oneShot: random.chance(30)), .unshelve, .suppress, .unsuppress,
                .takeOutOfService(permit: nil, review: nil), .returnToService, .returnToService, .test,
            ])
            let note = Note(who: "operator", why: "test")
            moments.append(
                RecordedMoment(time: now, .command(alarm: definition.name, .exactly(command), by: note)))
            _ = board.obey(command, alarm, at: now, by: note)
            gather()
        }
    }

    private mutating func restart(_ now: inout Int64) {
        board.rest(at: now)
        gather()
        moments.append(RecordedMoment(time: now, .stopped))
        now += 1 + Int64(random.next() % 20_000)
        for line in lines.indices {
            lines[line].published = []
            lines[line].now = now
            lines[line].isDown = false
        }
        half = [:]
        open = open.map { _ in 0 }
        board = AlarmBoard(plant, states: board.states)
        board.restart(plant.alarms.map(\.id), at: now)
        moments.append(RecordedMoment(time: now, .started))
        gather()
    }

    private mutating func gather() {
        // As in the journal: what was taken over at a start is no event of an alarm.
        for happening in board.takeHappened() where happening.event.what != .restored {
            events.append(ReplayEvent(happening, in: plant))
        }
    }
}
