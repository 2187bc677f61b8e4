public import Synchronization

/// A fixed ring between exactly one producer and one consumer, without locks and without allocation after `init`.
///
/// The two ends are non-copyable, so the compiler keeps each on one thread. What is published together becomes visible
/// together: one release store of the tail after all elements are written, one acquire load on the other side.
/// A full ring refuses, and counts what it refused: losing readings aloud is better than stalling a poll.
///
/// The indices only ever grow; `index & mask` is the place. Each end keeps a copy of the other's index and looks at the
/// shared one only when that copy says full or empty: the shared cache lines then move once a batch, not once an item.
@frozen
public struct Ring<Element: BitwiseCopyable & Sendable>: ~Copyable {
    public var producer: RingProducer<Element>
    public var consumer: RingConsumer<Element>

    /// - Parameter capacity: elements it can hold, rounded up to a power of two, at least 2.
    public init(capacity: Int) { self.init(storage: RingStorage(capacity: capacity)) }

    /// What a capacity is rounded up to.
    public static func size(_ capacity: Int) -> Int { RingStorage<Element>.size(capacity) }

    init(storage: RingStorage<Element>) {
        producer = RingProducer(storage: storage)
        consumer = RingConsumer(storage: storage)
    }
}

/// What both ends share. The counters may be read from any thread.
public final class RingStorage<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    // Unchecked: the producer writes only the free elements, the consumer reads only the published ones, and head and
    // tail order the two. RaceTests prove it under ThreadSanitizer.
    @usableFromInline let base: UnsafeMutablePointer<Element>
    @usableFromInline let mask: Int
    @usableFromInline let indices: UnsafeMutablePointer<RingIndices>
    /// Where it lies, when that is not this process's own heap.
    public let memory: RingMemory?

    @usableFromInline
    init(capacity: Int) {
        let size = RingStorage.size(capacity)
        mask = size - 1
        memory = nil
        base = .allocate(capacity: size)
        // Aligned by hand: an allocation by type is aligned to the type alone, and the first index would then share
        // its line with whatever lies before it in the heap.
        indices = UnsafeMutableRawPointer.allocate(
            byteCount: MemoryLayout<RingIndices>.size, alignment: RingIndices.lineBytes
        ).bindMemory(to: RingIndices.self, capacity: 1)
        indices.initialize(to: RingIndices())
    }

    init(memory: RingMemory) {
        self.memory = memory
        mask = memory.capacity - 1
        base = memory.elements(as: Element.self)
        indices = memory.indices
    }

    /// The next power of two.
    static func size(_ capacity: Int) -> Int {
        var size = 2
        while size < capacity { size <<= 1 }
        return size
    }

    deinit {
        guard memory == nil else { return }
        indices.deinitialize(count: 1)
        indices.deallocate()
        base.deallocate()
    }

    public var capacity: Int { mask + 1 }

    /// Elements published and not yet taken, or released where that comes later, as seen now.
    public var count: Int {
        // Head first: it only grows towards tail, so this order can never give a negative count. Both may move between
        // the two loads, which would show more than there is room for.
        let head = indices.pointee.head.load(ordering: .acquiring)
        return min(indices.pointee.tail.load(ordering: .acquiring) - head, capacity)
    }

    /// Elements published and not yet taken or passed, as seen now.
    public var waiting: Int {
        let passed = indices.pointee.passed.load(ordering: .acquiring)
        return min(indices.pointee.tail.load(ordering: .acquiring) - passed, capacity)
    }

    /// The most elements that were waiting at any publication.
    public var highWater: Int { indices.pointee.highWater.load(ordering: .relaxed) }
    /// Publications refused because the ring was full, and the elements in them.
    public var refusedPublications: Int { indices.pointee.refusedPublications.load(ordering: .relaxed) }
    public var refusedElements: Int { indices.pointee.refusedElements.load(ordering: .relaxed) }
}

/// The shared words: the producer writes the first and the last group, the consumer the one in between.
@usableFromInline
struct RingIndices: ~Copyable {
    /// Two cache lines: the prefetcher of x86 pulls them in pairs.
    @usableFromInline static let lineBytes = 128

    @usableFromInline let tail = Atomic<Int>(0)
    @usableFromInline let tailPadding = InlineArray<15, UInt64>(repeating: 0)
    @usableFromInline let head = Atomic<Int>(0)
    /// What the consumer has taken or passed; never before `head`.
    @usableFromInline let passed = Atomic<Int>(0)
    @usableFromInline let headPadding = InlineArray<14, UInt64>(repeating: 0)
    @usableFromInline let highWater = Atomic<Int>(0)
    @usableFromInline let refusedPublications = Atomic<Int>(0)
    @usableFromInline let refusedElements = Atomic<Int>(0)
    @usableFromInline let counterPadding = InlineArray<13, UInt64>(repeating: 0)

    @usableFromInline init() {}

    @usableFromInline
    borrowing func refuse(_ count: Int) {
        refusedPublications.wrappingAdd(1, ordering: .relaxed)
        refusedElements.wrappingAdd(count, ordering: .relaxed)
    }
}

/// The end that publishes. One thread owns it.
@frozen
public struct RingProducer<Element: BitwiseCopyable & Sendable>: ~Copyable, Sendable {
    public let storage: RingStorage<Element>
    @usableFromInline var tail: Int
    @usableFromInline var knownHead: Int

    @usableFromInline
    init(storage: RingStorage<Element>) {
        self.storage = storage
        tail = storage.indices.pointee.tail.load(ordering: .acquiring)
        knownHead = storage.indices.pointee.head.load(ordering: .acquiring)
    }

    /// Publishes all of `elements` or none. O(elements), never blocks, never allocates.
    ///
    /// - Parameter reserve: elements that must fit besides: room that is kept for something more important.
    /// - Returns: false when they do not fit; the refusal is counted.
    @inlinable
    public mutating func publish(_ elements: UnsafeBufferPointer<Element>, leaving reserve: Int = 0) -> Bool {
        let count = elements.count
        guard count > 0 else { return true }
        let capacity = storage.mask + 1
        if tail - knownHead + count + reserve > capacity {
            knownHead = storage.indices.pointee.head.load(ordering: .acquiring)
            guard tail - knownHead + count + reserve <= capacity else {
                storage.indices.pointee.refuse(count)
                return false
            }
        }
        let start = tail & storage.mask
        let first = min(count, capacity - start)
        (storage.base + start).initialize(from: elements.baseAddress!, count: first)
        if first < count { storage.base.initialize(from: elements.baseAddress! + first, count: count - first) }
        tail += count
        storage.indices.pointee.tail.store(tail, ordering: .releasing)
        if tail - knownHead > storage.indices.pointee.highWater.load(ordering: .relaxed) { raiseHighWater() }
        return true
    }

    /// Publishes one element.
    @inlinable
    public mutating func publish(_ element: Element) -> Bool {
        withUnsafePointer(to: element) { publish(UnsafeBufferPointer(start: $0, count: 1)) }
    }

    // Inlinable so that it is specialised with its caller, which runs it once a publication while the ring has never
    // been as full as the old copy of head makes it look.
    @inlinable
    mutating func raiseHighWater() {
        // The copy of head may be old, which would count elements that are long gone.
        knownHead = storage.indices.pointee.head.load(ordering: .acquiring)
        let waiting = tail - knownHead
        if waiting > storage.indices.pointee.highWater.load(ordering: .relaxed) {
            storage.indices.pointee.highWater.store(waiting, ordering: .relaxed)
        }
    }
}

/// The end that takes. One thread owns it.
@frozen
public struct RingConsumer<Element: BitwiseCopyable & Sendable>: ~Copyable, Sendable {
    public let storage: RingStorage<Element>
    @usableFromInline var head: Int
    @usableFromInline var knownTail: Int
    /// What the producer may use again. Never beyond `head`.
    @usableFromInline var released: Int

    @usableFromInline
    init(storage: RingStorage<Element>) {
        self.storage = storage
        head = storage.indices.pointee.head.load(ordering: .acquiring)
        (knownTail, released) = (head, head)
    }

    /// Elements that can be taken now, always whole publications. Looks at the shared index only when none are known of.
    @inlinable
    public mutating func available() -> Int {
        if knownTail == head { knownTail = storage.indices.pointee.tail.load(ordering: .acquiring) }
        return knownTail - head
    }

    /// The element `offset` behind the first, without taking it.
    ///
    /// - Precondition: `0 <= offset < available()`.
    @inlinable
    public func peek(_ offset: Int = 0) -> Element {
        precondition(offset >= 0 && offset < knownTail - head, "peek beyond what is available")
        return storage.base[(head + offset) & storage.mask]
    }

    /// Takes `count` elements into the start of `buffer`.
    ///
    /// - Precondition: `0 <= count <= available()` and `count <= buffer.count`.
    @inlinable
    public mutating func take(_ count: Int, into buffer: UnsafeMutableBufferPointer<Element>) {
        precondition(count >= 0 && count <= knownTail - head, "take beyond what is available")
        precondition(count <= buffer.count, "take beyond the buffer")
        guard count > 0 else { return }
        let start = head & storage.mask
        let first = min(count, storage.mask + 1 - start)
        buffer.baseAddress!.initialize(from: storage.base + start, count: first)
        if first < count { (buffer.baseAddress! + first).initialize(from: storage.base, count: count - first) }
        pass(count)
        release(through: head)
    }

    /// Takes `count` elements and forgets them.
    ///
    /// - Precondition: `0 <= count <= available()`.
    @inlinable
    public mutating func skip(_ count: Int) {
        pass(count)
        release(through: head)
    }

    /// Moves on behind `count` elements, which stay in the ring until they are released.
    ///
    /// - Precondition: `0 <= count <= available()`.
    @inlinable
    public mutating func pass(_ count: Int) {
        precondition(count >= 0 && count <= knownTail - head, "pass beyond what is available")
        head += count
        storage.indices.pointee.passed.store(head, ordering: .relaxed)
    }

    /// The number of the next element, counted from the ring's first.
    public var position: Int { head }

    /// Gives the producer the room of all elements before `position`; nothing when they are released already.
    ///
    /// - Precondition: `position <= self.position`.
    @inlinable
    public mutating func release(through position: Int) {
        precondition(position <= head, "release beyond what was passed")
        guard position > released else { return }
        released = position
        storage.indices.pointee.head.store(position, ordering: .releasing)
    }
}
