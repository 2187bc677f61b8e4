import Modbus
import Plant

/// Puts a scenario's stream through the framer and the matching, and holds every outcome against the stream itself.
struct Trial {
    /// What the parser said. Equal for every way of cutting the stream into pieces.
    enum Event: Equatable {
        case values(index: Int, at: Int, count: Int)
        case refused(index: Int, at: Int)
        case stray(at: Int)
        case failure(ModbusError)
    }

    struct Broken: Error {
        let what: String
    }

    let scenario: Scenario

    /// - Parameter piece: the size of the next piece.
    func run(piece: () -> Int) throws(Broken) -> [Event] {
        let stream = scenario.stream
        var framer = ReplyFramer()
        var flight = InFlight()
        for (index, asked) in scenario.asked.enumerated() {
            flight.depart(asked.request, index: index, transaction: asked.transaction, at: 0)
        }
        var events: [Event] = []
        var waiting = Set(scenario.asked.indices)
        var (fed, cut) = (0, 0)
        while fed < stream.count {
            let room = framer.room()
            let count = min(max(1, piece()), room.count, stream.count - fed)
            try hold(count > 0, "no room for the rest of a frame")
            _ = room.update(fromContentsOf: stream[fed..<(fed + count)])
            framer.filled(count)
            fed += count
            while let outcome = next(&framer, &flight) {
                switch outcome {
                case .failure(let error): return events + [.failure(error)]
                case .success(let (frame, match)):
                    try verify(frame, cut, fed)
                    events.append(try judge(match, frame, cut, &waiting))
                    cut += frame.count
                }
            }
            try hold(framer.rest.count < Frame.bytesMax, "a whole frame was left over")
            try hold(framer.rest.elementsEqual(stream[cut..<fed]), "the rest is not what came")
            try hold(flight.count == waiting.count, "requests were lost or doubled")
        }
        return events
    }

    private func next(
        _ framer: inout ReplyFramer, _ flight: inout InFlight
    ) -> Result<(UnsafeBufferPointer<UInt8>, InFlight.Match), ModbusError>? {
        do throws(ModbusError) {
            guard let frame = try framer.next() else { return nil }
            return .success((frame, try flight.match(frame, at: 0)))
        } catch {
            return .failure(error)
        }
    }

    private func verify(_ frame: UnsafeBufferPointer<UInt8>, _ start: Int, _ fed: Int) throws(Broken) {
        try hold(start + frame.count <= fed, "a frame reaches beyond what came")
        try hold(frame.count <= Frame.bytesMax, "a frame is longer than the protocol allows")
        try hold(frame.elementsEqual(scenario.stream[start..<(start + frame.count)]), "a frame is not what came")
    }

    /// An accepted reply is byte for byte the answer to its request.
    private func judge(
        _ match: InFlight.Match, _ frame: UnsafeBufferPointer<UInt8>, _ start: Int, _ waiting: inout Set<Int>
    ) throws(Broken) -> Event {
        let stream = scenario.stream
        switch match {
        case .values(let index, let values):
            try hold(waiting.remove(index) != nil, "answered twice")
            let asked = scenario.asked[index]
            let count = asked.request.payloadBytes
            let front: [UInt8] = [
                UInt8(asked.transaction >> 8), UInt8(asked.transaction & 0xFF), 0, 0, UInt8((count + 3) >> 8),
                UInt8((count + 3) & 0xFF), asked.request.unit, asked.request.range.table.function, UInt8(count),
            ]
            try hold(stream[start..<(start + 9)].elementsEqual(front), "values of what is no answer")
            try hold(values.elementsEqual(stream[(start + 9)..<(start + 9 + count)]), "other values than came")
            try hold(frame.count == 9 + count, "bytes behind the values")
            return .values(index: index, at: start, count: count)
        case .refused(let index, let code):
            try hold(waiting.remove(index) != nil, "refused twice")
            let asked = scenario.asked[index]
            let whole: [UInt8] = [
                UInt8(asked.transaction >> 8), UInt8(asked.transaction & 0xFF), 0, 0, 0, 3, asked.request.unit,
                asked.request.range.table.function | 0x80, code,
            ]
            try hold(frame.elementsEqual(whole) && code != 0, "a refusal of what is none")
            return .refused(index: index, at: start)
        case .stray:
            let transaction = UInt16(stream[start]) << 8 | UInt16(stream[start + 1])
            let isKnown = waiting.contains { scenario.asked[$0].transaction == transaction }
            try hold(!isKnown, "a stray that a request waits for")
            return .stray(at: start)
        }
    }

    private func hold(_ condition: Bool, _ what: String) throws(Broken) {
        guard condition else { throw Broken(what: what) }
    }
}
