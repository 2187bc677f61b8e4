import Foundation

/// Something a test waits for, or lets happen. Once open it stays open.
public final class Gate: Sendable {
    /// Far beyond anything a healthy test waits for: it turns a hang into a failure.
    static let patience: TimeInterval = 1200

    private let condition = NSCondition()
    nonisolated(unsafe) private var isOpen = false

    public init() {}

    public func open() {
        condition.lock()
        isOpen = true
        condition.broadcast()
        condition.unlock()
    }

    /// - Returns: false when it did not open.
    public func wait() -> Bool {
        let deadline = Date(timeIntervalSinceNow: Gate.patience)
        condition.lock()
        defer { condition.unlock() }
        while !isOpen {
            guard condition.wait(until: deadline) else { return isOpen }
        }
        return true
    }
}
