import Ring
import Synchronization
import Testing

/// The doorbell and a ring together, the way every consumer of the daemon uses them.
@Suite struct DoorbellRaceTests {
    /// A sleep this long happens only when a wake-up was lost: the other side answers in microseconds.
    private static let lost: Int64 = 10_000_000_000

    @Test func noWakeUpIsLostInPingPong() throws {
        let rounds: UInt64 = 20_000
        let (there, back) = (Channel(), Channel())
        let echo = try Worker(name: "echo") {
            for round in 1...rounds {
                guard there.receive(round, patience: Self.lost) else { return }
                back.send(round)
            }
        }
        for round in 1...rounds {
            there.send(round)
            guard back.receive(round, patience: Self.lost) else { break }
        }
        echo.join()
        #expect(there.lostWakeUps == 0)
        #expect(back.lostWakeUps == 0)
        #expect(there.wrong == 0)
        #expect(back.wrong == 0)
    }

    @Test func oneConsumerOfManyRingsMissesNobody() throws {
        let (producers, items) = (4, UInt64(20_000))
        let fan = FanIn(producers: producers)
        let threads = try (0..<producers).map { index in
            try Worker(name: "producer \(index)") { fan.produce(items, into: index) }
        }
        let sums = fan.consume(items, patience: Self.lost)
        for thread in threads { thread.join() }
        #expect(sums == Array(repeating: items * (items + 1) / 2, count: producers))
    }
}

/// A ring and its doorbell from one thread to another.
private final class Channel: Sendable {
    private let bell = Doorbell()
    private let producer: Mutex<RingProducer<UInt64>>
    private let consumer: Mutex<RingConsumer<UInt64>>
    private let counters = Mutex((lost: 0, wrong: 0))

    init() {
        let ring = Ring<UInt64>(capacity: 2)
        // The locks are never contended: they only let a class hold the halves. Each is used by one thread, so they
        // order nothing between the two.
        producer = Mutex(ring.producer)
        consumer = Mutex(ring.consumer)
    }

    var lostWakeUps: Int { counters.withLock { $0.lost } }
    var wrong: Int { counters.withLock { $0.wrong } }

    func send(_ item: UInt64) {
        let published = producer.withLock { $0.publish(item) }
        if !published { counters.withLock { $0.wrong += 1 } }
        bell.ring()
    }

    /// - Returns: false when nobody woke it, after which there is no more to learn.
    func receive(_ expected: UInt64, patience: Int64) -> Bool {
        let clock = ContinuousClock()
        while true {
            bell.listen()
            let item = consumer.withLock { consumer -> UInt64? in
                guard consumer.available() > 0 else { return nil }
                defer { consumer.skip(1) }
                return consumer.peek()
            }
            if let item {
                if item != expected { counters.withLock { $0.wrong += 1 } }
                return true
            }
            let start = clock.now
            bell.wait(nanoseconds: patience)
            guard clock.now - start >= .nanoseconds(patience) else { continue }
            counters.withLock { $0.lost += 1 }
            return false
        }
    }
}

/// Several producers, a ring each, one doorbell and one consumer.
private final class FanIn: Sendable {
    private let bell = Doorbell()
    private let abandoned = Atomic<Bool>(false)
    private let producers: [Half<RingProducer<UInt64>>]
    private let consumers: [Half<RingConsumer<UInt64>>]

    /// A half on its way to its thread.
    final class Half<End: ~Copyable & Sendable>: Sendable {
        let end: Mutex<End>
        init(_ end: consuming End) { self.end = Mutex(end) }
    }

    init(producers count: Int) {
        var producers: [Half<RingProducer<UInt64>>] = []
        var consumers: [Half<RingConsumer<UInt64>>] = []
        for _ in 0..<count {
            let ring = Ring<UInt64>(capacity: 16)
            producers.append(Half(ring.producer))
            consumers.append(Half(ring.consumer))
        }
        (self.producers, self.consumers) = (producers, consumers)
    }

    func produce(_ items: UInt64, into index: Int) {
        for item in 1...items {
            while !producers[index].end.withLock({ $0.publish(item) }) {
                if abandoned.load(ordering: .relaxed) { return }
            }
            bell.ring()
        }
    }

    /// Takes until `items` came from everybody. Gives up when nobody wakes it, which leaves a sum too small.
    func consume(_ items: UInt64, patience: Int64) -> [UInt64] {
        let clock = ContinuousClock()
        var sums = [UInt64](repeating: 0, count: consumers.count)
        var left = items * UInt64(consumers.count)
        while true {
            bell.listen()
            for (index, consumer) in consumers.enumerated() {
                consumer.end.withLock { end in
                    while end.available() > 0 {
                        sums[index] += end.peek()
                        end.skip(1)
                        left -= 1
                    }
                }
            }
            if left == 0 { return sums }
            let start = clock.now
            bell.wait(nanoseconds: patience)
            guard clock.now - start >= .nanoseconds(patience) else { continue }
            abandoned.store(true, ordering: .relaxed)
            return sums
        }
    }
}
