import Synchronization

/// Work that is done by one at a time, and asked for by many: whoever asks while it is being done shares the next time with
/// all who ask meanwhile.
///
/// What runs already may have looked before they came, so its answer is not theirs; and once for all of them is enough.
final class Turnstile<Answer: Sendable>: Sendable {
    private let state = Mutex(State())

    private struct State {
        var isTaken = false
        /// One for each request to the daemon that is open, of which the console has a limit.
        var waiting: [Waiting] = []
    }

    private struct Waiting: Sendable {
        let name: String
        let turn: CheckedContinuation<Turn, Never>
    }

    private enum Turn: Sendable {
        /// For oneself, and for those who came meanwhile.
        case mine([Waiting])
        case shared(Answer)
    }

    /// Does it now, or has it done with the next turn.
    ///
    /// - Parameters:
    ///   - name: of who asks.
    ///   - work: gets the names of all it is done for, each once, in the order in which they came.
    func pass(_ name: String, _ work: (String) async -> Answer) async -> Answer {
        let turn: Turn = await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                defer { state.isTaken = true }
                if state.isTaken { state.waiting.append(Waiting(name: name, turn: continuation)) }
                return !state.isTaken
            }
            if isFree { continuation.resume(returning: .mine([])) }
        }
        switch turn {
        case .shared(let answer): return answer
        case .mine(let others):
            let names = ([name] + others.map(\.name)).reduce(into: [String]()) { names, name in
                if !names.contains(name) { names.append(name) }
            }
            let answer = await work(names.joined(separator: ", "))
            for other in others { other.turn.resume(returning: .shared(answer)) }
            leave()
            return answer
        }
    }

    /// How many wait for the next turn.
    var waiting: Int { state.withLock { $0.waiting.count } }

    private func leave() {
        let waiting = state.withLock { state in
            defer { (state.isTaken, state.waiting) = (!state.waiting.isEmpty, []) }
            return state.waiting
        }
        waiting.first?.turn.resume(returning: .mine(Array(waiting.dropFirst())))
    }
}
