import Plant
import Synchronization

/// Tests by hand.
extension SinkLoop {
    func tryOut() {
        while let (line, answer) = sink.state.withLock({ $0.trials.isEmpty ? nil : $0.trials.removeFirst() }) {
            let began = Moment(sink.clock)
            sink.state.withLock { $0.trying = began }
            let delivery = sink.outlet.send([text?.applied(to: line) ?? line])
            let now = Moment(sink.clock)
            let isTaken = delivery.taken == 1
            // Whoever tests a sink that he has mended sees that it is; one that still fails is not put off by tests.
            let log = sink.state.withLock { state -> String? in
                state.trying = nil
                if state.isFailing, !isTaken { return nil }
                return state.note(
                    delivery, of: 1, isSignOfLife: false, isCheap: sink.outlet.isCheapToTry, at: now)
            }
            if let log { sink.log("sink \(sink.name): \(log)") }
            let said: String =
                switch delivery.trouble {
                case .unavailable(let reason, _), .declined(let reason), .refused(let reason): reason
                case nil: delivery.answer ?? "taken"
                }
            answer(
                SinkTrial(
                    sink: sink.name, delivered: isTaken, acknowledged: isTaken && sink.outlet.acknowledges,
                    answer: said, milliseconds: Double(now.monotonic - began.monotonic) / 1_000_000))
        }
    }

    func refuseTrials() {
        let waiting = sink.state.withLock { state in
            defer { state.trials = [] }
            state.isClosed = true
            return state.trials
        }
        for trial in waiting {
            trial.answer(
                SinkTrial(
                    sink: sink.name, delivered: false, acknowledged: false, answer: "the sink is stopping",
                    milliseconds: 0))
        }
    }
}
