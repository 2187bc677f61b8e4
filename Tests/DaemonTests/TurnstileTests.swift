import Synchronization
import Testing

@testable import Daemon

/// Requests that come while one is answered.
@Suite(.timeLimit(.minutes(20))) struct TurnstileTests {
    /// Work that ends when it is let go, and notes for whom it was done.
    private final class Work: Sendable {
        private let state = Mutex<(done: [String], going: [CheckedContinuation<Void, Never>])>(([], []))
        let begun: AsyncStream<String>
        private let begin: AsyncStream<String>.Continuation

        init() { (begun, begin) = AsyncStream.makeStream() }

        var done: [String] { state.withLock { $0.done } }

        func run(_ names: String) async -> Int {
            await withCheckedContinuation { continuation in
                state.withLock { $0.going.append(continuation) }
                begin.yield(names)
            }
            return state.withLock { state in
                state.done.append(names)
                return state.done.count
            }
        }

        func letGo() { state.withLock { state in state.going.removeFirst() }.resume() }
    }

    private final class Counts: Sendable {
        let inside = Atomic(0)
        let turns = Atomic(0)
    }

    /// Lets others run until it holds.
    private func until(_ holds: () -> Bool) async { while !holds() { await Task.yield() } }

    @Test func `who comes meanwhile shares the next turn, and nobody the present one`() async {
        let (turnstile, work) = (Turnstile<Int>(), Work())
        var begun = work.begun.makeAsyncIterator()
        async let first = turnstile.pass("SIGHUP", work.run)
        #expect(await begun.next() == "SIGHUP")
        var others: [Task<Int, Never>] = []
        for (number, name) in ["kim", "SIGHUP", "kim", "lee"].enumerated() {
            others.append(Task { await turnstile.pass(name, work.run) })
            await until { turnstile.waiting == number + 1 }
        }
        work.letGo()
        #expect(await first == 1)
        #expect(await begun.next() == "kim, SIGHUP, lee")
        // Came while the second was being done: it has a turn of its own.
        let late = Task { await turnstile.pass("late", work.run) }
        await until { turnstile.waiting == 1 }
        work.letGo()
        for other in others { #expect(await other.value == 2) }
        #expect(await begun.next() == "late")
        work.letGo()
        #expect(await late.value == 3)
        #expect(work.done == ["SIGHUP", "kim, SIGHUP, lee", "late"])
    }

    @Test func `one after the other nobody waits`() async {
        let turnstile = Turnstile<String>()
        for name in ["a", "b", "c"] { #expect(await turnstile.pass(name) { $0 } == name) }
        #expect(turnstile.waiting == 0)
    }

    @Test func `never two at once, and everybody is answered after he came`() async {
        let turnstile = Turnstile<Int>()
        let counts = Counts()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    let before = counts.turns.load(ordering: .sequentiallyConsistent)
                    let answer = await turnstile.pass("x") { _ in
                        #expect(counts.inside.add(1, ordering: .sequentiallyConsistent).newValue == 1)
                        await Task.yield()
                        let turn = counts.turns.add(1, ordering: .sequentiallyConsistent).newValue
                        counts.inside.subtract(1, ordering: .sequentiallyConsistent)
                        return turn
                    }
                    #expect(answer > before)
                }
            }
        }
        #expect(turnstile.waiting == 0)
    }
}
