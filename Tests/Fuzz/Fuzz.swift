import Glibc
import Modbus

/// Feeds the reply parser with what no peer should send, and the decoders of sealed history with what no disk should
/// hold: `cupel-fuzz COUNT [SEED [FROM]]`, so many inputs for each.
///
/// Meant for AddressSanitizer, which sees every byte that is read beyond. A failure prints what runs that case again.
#if !LIBFUZZER
    @main
#endif
struct Fuzz {
    /// So many inputs lead to every outcome hundreds of times.
    static let manyInputs = 100_000

    static func main() {
        let arguments = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
        guard let count = arguments.first, arguments.count == CommandLine.arguments.count - 1, count > 0 else {
            print("usage: cupel-fuzz COUNT [SEED [FROM]]")
            exit(64)
        }
        let seed = arguments.dropFirst().first ?? UInt64.random(in: 0...UInt64(UInt32.max))
        let from = arguments.dropFirst(2).first ?? 0
        print("cupel-fuzz: \(count) inputs from \(from), seed \(seed)")
        fflush(nil)
        var tally = Tally()
        for number in from..<(from + count) {
            // A crash leaves no word of its own: the last line says from where to run again.
            if number > from, number % 1_000_000 == 0 {
                print("at \(number): \(tally)")
                fflush(nil)
            }
            do {
                tally.add(try Fuzz.run(Choices(seed: seed, number: number)))
                tally.add(try Fuzz.runChunk(Choices(seed: seed, number: number)))
            } catch {
                print("broken: \(error.what)\nagain: cupel-fuzz 1 \(seed) \(number)")
                exit(1)
            }
        }
        print("done: \(tally)")
        guard tally.sawEverything || count < Fuzz.manyInputs else {
            print("broken: of so many inputs none led to one of the outcomes, so it was not tested")
            exit(1)
        }
    }

    /// One input of the reply parser.
    static func run(_ choices: Choices) throws(Trial.Broken) -> [Trial.Event] {
        var choices = choices
        let scenario = Scenario(&choices)
        let trial = Trial(scenario: scenario)
        let most = [1, 2, 9, 64, 4096][choices.below(5)]
        let events = try trial.run { choices.below(most) + 1 }
        guard try trial.run(piece: { scenario.stream.count }) == events else {
            throw Trial.Broken(what: "another way of cutting the stream gave another outcome")
        }
        if scenario.isFaithful {
            let indices = events.compactMap { event -> Int? in
                switch event {
                case .values(let index, _, _), .refused(let index, _): index
                case .stray, .failure: nil
                }
            }
            guard indices.count == events.count, indices.sorted() == Array(scenario.asked.indices) else {
                throw Trial.Broken(what: "a proper reply was not taken")
            }
        }
        return events
    }
}

extension Fuzz {
    /// One input of the decoders of spans and chunks.
    static func runChunk(_ choices: Choices) throws(Trial.Broken) -> [ChunkTrial.Event] {
        var choices = choices
        return try ChunkTrial(scenario: ChunkScenario(&choices)).run()
    }
}

/// How often each outcome came.
struct Tally: CustomStringConvertible {
    private var values = 0
    private var refused = 0
    private var strays = 0
    private var failures: [String: Int] = [:]
    private var chunks: [ChunkTrial.Event: Int] = [:]

    mutating func add(_ events: [Trial.Event]) {
        for event in events {
            switch event {
            case .values: values += 1
            case .refused: refused += 1
            case .stray: strays += 1
            case .failure(let error): failures[error.counter, default: 0] += 1
            }
        }
    }

    mutating func add(_ events: [ChunkTrial.Event]) {
        for event in events { chunks[event, default: 0] += 1 }
    }

    /// Every way in which a frame can be wrong to the parser, and everything that the decoders can say.
    var sawEverything: Bool {
        let kinds: [BadReply] = [.protocolID, .unit, .function, .length, .byteCount, .exceptionForm]
        return values > 0 && refused > 0 && strays > 0
            && kinds.allSatisfy { failures[ModbusError.badReply($0).counter] != nil }
            && ChunkTrial.Event.allCases.allSatisfy { chunks[$0] != nil }
    }

    var description: String {
        let wrong = failures.sorted { $0.key < $1.key }.map { ", \($0.value) \($0.key)" }.joined()
        let sealed = ChunkTrial.Event.allCases.map { ", \(chunks[$0] ?? 0) \($0)" }.joined()
        return "\(values) values, \(refused) refused, \(strays) strays\(wrong)\(sealed)"
    }
}
