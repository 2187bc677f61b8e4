import Detection
import Foundation
import Plant
import Testing

/// The machine beside a reference model that was written independently of it, on recorded random walks.
///
/// The model knows neither a step down nor the closing of an unacknowledged occurrence as events; those two are left
/// out of the comparison. It refuses to unshelve what is not shelved, where we answer that it is so already.
@Suite struct VectorTests {
    struct Line: Sendable {
        let number: Int
        let words: [Substring]
    }

    static func lines() throws -> [Line] {
        let file = try #require(Bundle.module.url(forResource: "Vectors/walks", withExtension: "txt"))
        let text = try String(contentsOf: file, encoding: .utf8)
        return text.split(separator: "\n").enumerated().filter { !$0.element.hasPrefix("#") }.map {
            Line(number: $0.offset + 1, words: $0.element.split(separator: " "))
        }
    }

    @Test(arguments: [1.0, -1.0])
    func `every recorded walk gives the same states, answers and events`(sign: Double) throws {
        var alarm = Alarm(.high())
        var walks = 0
        for line in try Self.lines() {
            if line.words[0] == "walk" {
                alarm = Alarm(try definition(line.words, sign))
                walks += 1
            } else {
                try check(line, &alarm, sign)
            }
        }
        #expect(walks == 220)
    }

    private func definition(_ words: [Substring], _ sign: Double) throws -> AlarmDefinition {
        let acknowledgement = try #require(Handling.Acknowledgement(rawValue: String(words[4])))
        let reAlarm = try #require(Int64(words[5]))
        return .high(
            highHigh: Double(words[6]), deadband: try #require(Double(words[7])), inclusive: words[8] == "1",
            on: try #require(Int64(words[1])), off: try #require(Int64(words[2])),
            handling: Handling(
                latching: words[3] == "1", acknowledgement: acknowledgement,
                reAlarm: reAlarm > 0 ? .milliseconds(reAlarm) : nil, maxShelve: .milliseconds(100)),
            sign: sign)
    }

    private func check(_ line: Line, _ alarm: inout Alarm, _ sign: Double) throws {
        let words = line.words
        let split = try #require(words.firstIndex(of: ">"))
        let time = try #require(Int64(words[1]))
        let numbers = words[2..<split].map { Int($0) ?? 0 }
        let seen = alarm.events.count
        var answer: AlarmAnswer?
        switch words[0] {
        case "s": alarm.sample(time, sign * (try #require(Double(words[2]))), words[3] == "good" ? .good : .timeout)
        case "a": answer = alarm.acknowledge(time, numbers[0], numbers[1])
        case "r": answer = alarm.reset(time)
        case "v":
            let duration = Duration.milliseconds(Int64(numbers[0]))
            answer = alarm.order(time, .shelve(for: duration, oneShot: numbers[1] == 1))
        case "u": answer = alarm.order(time, .unshelve)
        case "d": answer = alarm.order(time, numbers[0] == 1 ? .suppress : .unsuppress)
        case "o":
            answer = alarm.order(
                time, numbers[0] == 1 ? .takeOutOfService(permit: nil, review: nil) : .returnToService)
        case "l":
            let saved = try JSONEncoder().encode(alarm.state)
            alarm.state = try JSONDecoder().decode(AlarmState.self, from: saved)
        default: alarm.tick(time)
        }
        let levels: [AlarmLevel?] = sign > 0 ? [nil, .high, .highHigh] : [nil, .low, .lowLow]
        let rank = try #require(levels.firstIndex(of: alarm.state.level))
        var found = [
            alarm.state.shown, alarm.state.core.rawValue, "\(rank)",
            "\(alarm.state.occurrence).\(alarm.state.revision)",
        ]
        if let answer { found.append(answer.word) }
        if words[0] == "u", answer == .already { found[found.count - 1] = "refused" }
        found += brief(alarm.events[seen...].filter { $0.what != .superseded && $0.what != .levelDown })
        #expect(found == words[(split + 1)...].map(String.init), "walks.txt:\(line.number)")
    }
}
