import Ring

extension RingProducer where Element == UInt64 {
    mutating func publish(_ elements: [UInt64]) -> Bool {
        elements.withUnsafeBufferPointer { publish($0) }
    }
}

extension RingConsumer where Element == UInt64 {
    mutating func take(_ count: Int) -> [UInt64] {
        [UInt64](unsafeUninitializedCapacity: count) { buffer, initialized in
            take(count, into: buffer)
            initialized = count
        }
    }
}

/// One thing either end can do.
enum RingOperation: Equatable, CustomStringConvertible {
    case publish(Int)
    case look
    case take(Int)
    case skip(Int)

    var description: String {
        switch self {
        case .publish(let count): "publish \(count)"
        case .look: "look"
        case .take(let count): "take \(count)"
        case .skip(let count): "skip \(count)"
        }
    }
}

/// What a ring must be: a queue with a limit, and a consumer that looks again only when it knows of nothing.
struct RingModel {
    let capacity: Int
    private(set) var waiting: [UInt64] = []
    private(set) var known = 0
    private(set) var highWater = 0
    private(set) var refusedPublications = 0
    private(set) var refusedElements = 0
    private var next: UInt64 = 1

    init(capacity: Int) { self.capacity = capacity }

    /// False for what the consumer's preconditions forbid.
    func allows(_ operation: RingOperation) -> Bool {
        switch operation {
        case .publish, .look: true
        case .take(let count), .skip(let count): count <= known
        }
    }

    mutating func nextElements(_ count: Int) -> [UInt64] {
        defer { next += UInt64(count) }
        return (0..<count).map { next + UInt64($0) }
    }

    mutating func publish(_ elements: [UInt64]) -> Bool {
        guard waiting.count + elements.count <= capacity else {
            refusedPublications += 1
            refusedElements += elements.count
            return false
        }
        waiting += elements
        highWater = max(highWater, waiting.count)
        return true
    }

    mutating func look() -> Int {
        if known == 0 { known = waiting.count }
        return known
    }

    mutating func take(_ count: Int) -> [UInt64] {
        defer { waiting.removeFirst(count) }
        known -= count
        return Array(waiting.prefix(count))
    }
}

/// A ring beside its model; every operation is done to both and compared.
struct RingTrial: ~Copyable {
    var ring: Ring<UInt64>
    var model: RingModel

    /// - Parameter offset: where in the ring the first element shall lie.
    init(capacity: Int, offset: Int = 0) {
        ring = Ring(capacity: capacity)
        model = RingModel(capacity: ring.producer.storage.capacity)
        for _ in 0..<offset {
            _ = run(.publish(1))
            _ = run(.look)
            _ = run(.take(1))
        }
    }

    /// - Returns: what differs, or `nil`.
    mutating func run(_ operation: RingOperation) -> String? {
        switch operation {
        case .publish(let count):
            let elements = model.nextElements(count)
            let (got, expected) = (ring.producer.publish(elements), model.publish(elements))
            if got != expected { return "\(operation): \(got), expected \(expected)" }
        case .look:
            let (got, expected) = (ring.consumer.available(), model.look())
            if got != expected { return "\(operation): \(got), expected \(expected)" }
            for offset in 0..<got where ring.consumer.peek(offset) != model.waiting[offset] {
                return "peek \(offset): \(ring.consumer.peek(offset)), expected \(model.waiting[offset])"
            }
        case .take(let count):
            let (got, expected) = (ring.consumer.take(count), model.take(count))
            if got != expected { return "\(operation): \(got), expected \(expected)" }
        case .skip(let count):
            ring.consumer.skip(count)
            _ = model.take(count)
        }
        let storage = ring.producer.storage
        let got = [storage.count, storage.highWater, storage.refusedPublications, storage.refusedElements]
        let expected = [model.waiting.count, model.highWater, model.refusedPublications, model.refusedElements]
        return got == expected ? nil : "after \(operation): counters \(got), expected \(expected)"
    }
}
