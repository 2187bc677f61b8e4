/// A queue in one array, for windows of samples: appending and removing at either end costs O(1) amortised.
///
/// It grows as needed and never shrinks; who owns it keeps it short (`Window.limit`).
struct Ring<Element: BitwiseCopyable & Sendable>: Sendable {
    private var slots: [Element] = []
    private var start = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }
    var first: Element? { count > 0 ? self[0] : nil }
    var last: Element? { count > 0 ? self[count - 1] : nil }

    /// Oldest first.
    subscript(index: Int) -> Element {
        get { slots[slot(index)] }
        set { slots[slot(index)] = newValue }
    }

    mutating func append(_ element: Element) {
        if count == slots.count { grow(element) }
        count += 1
        self[count - 1] = element
    }

    mutating func removeFirst() {
        precondition(count > 0)
        start = slot(1)
        count -= 1
    }

    mutating func removeLast() {
        precondition(count > 0)
        count -= 1
    }

    /// Keeps the room.
    mutating func removeAll() { (start, count) = (0, 0) }

    private func slot(_ index: Int) -> Int {
        let slot = start + index
        return slot < slots.count ? slot : slot - slots.count
    }

    private mutating func grow(_ filler: Element) {
        var wider = [Element]()
        wider.reserveCapacity(max(8, 2 * count))
        for index in 0..<count { wider.append(self[index]) }
        while wider.count < max(8, 2 * count) { wider.append(filler) }
        (slots, start) = (wider, 0)
    }
}
