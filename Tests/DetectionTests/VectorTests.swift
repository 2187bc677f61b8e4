import Detection
import Foundation
import Plant
import Testing

/// The engine beside a reference model that was written independently of it, on recorded random walks.
///
/// The model knows neither a step down nor the closing of an unacknowledged occurrence as events; those two are left
/// out of the comparison.
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
        #expect(walks == 150)
    }

    private func definition(_ words: [Substring], _ sign: Double) throws -> AlarmDefinition {
        let numbers = try words[1..<4].map { try #require(Int64($0)) }
        let worst = Double(words[4])
        let deadband = try #require(Double(words[5]))
        return sign > 0
            ? .high(
                highHigh: worst, deadband: deadband, on: numbers[0], off: numbers[1], latching: numbers[2] == 1)
            : .low(
                lowLow: worst.map { -$0 }, deadband: deadband, on: numbers[0], off: numbers[1],
                latching: numbers[2] == 1)
    }

    private func check(_ line: Line, _ alarm: inout Alarm, _ sign: Double) throws {
        let words = line.words
        let split = try #require(words.firstIndex(of: ">"))
        let time = try #require(Int64(words[1]))
        let input: AlarmInput
        switch words[0] {
        case "s":
            input = .sample(
                time: time, value: sign * (try #require(Double(words[2]))),
                quality: words[3] == "good" ? .good : .timeout, enabled: true)
        case "a":
            input = .acknowledge(
                time: time, occurrence: try #require(Int(words[2])), revision: try #require(Int(words[3])), by: "kim")
        case "r": input = .reset(time: time, by: "kim")
        default: input = .tick(time: time)
        }
        let (events, answer) = alarm.take(input)
        let levels: [AlarmLevel?] = sign > 0 ? [nil, .high, .highHigh] : [nil, .low, .lowLow]
        let rank = try #require(levels.firstIndex(of: alarm.state.level))
        var found = [alarm.state.core.rawValue, "\(rank)", "\(alarm.state.occurrence).\(alarm.state.revision)"]
        if let answer { found.append(answer.rawValue) }
        found += brief(events.filter { $0.what != .superseded && $0.what != .levelDown })
        #expect(found == words[(split + 1)...].map(String.init), "walks.txt:\(line.number)")
    }
}
