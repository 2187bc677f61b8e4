public import Plant

/// What the journal tells of an alarm at some moment in the past, for who goes on from there.
public struct Resumption: Hashable, Sendable {
    public var core: AlarmCore
    /// The level it was at, or was at last.
    public var level: AlarmLevel?
    public var limit: Double?
    public var priority: Priority?
    /// The worst of the occurrence.
    public var topPriority: Priority?
    public var occurrence: Int
    public var revision: Int
    /// When the latest raise took effect, UTC milliseconds.
    public var raisedAt: Int64?
    /// The overlays that hid it.
    public var shelf: AlarmState.Shelf?
    public var suppression: Suppression
    public var outOfService: AlarmState.OutOfService?

    public init(
        core: AlarmCore, level: AlarmLevel? = nil, limit: Double? = nil, priority: Priority? = nil,
        topPriority: Priority? = nil, occurrence: Int, revision: Int, raisedAt: Int64? = nil,
        shelf: AlarmState.Shelf? = nil, suppression: Suppression = [],
        outOfService: AlarmState.OutOfService? = nil
    ) {
        (self.core, self.level, self.limit) = (core, level, limit)
        (self.priority, self.topPriority) = (priority, topPriority ?? priority)
        (self.occurrence, self.revision, self.raisedAt) = (occurrence, revision, raisedAt)
        (self.shelf, self.suppression, self.outOfService) = (shelf, suppression, outOfService)
    }
}

extension AlarmState {
    /// The state in which the journal left an alarm. What only samples can tell (delays that run, windows) is not in it.
    public init(resuming past: Resumption, _ definition: AlarmDefinition) {
        self.init()
        condition = past.core == .unack || past.core == .acked
        acknowledged = past.core == .norm || past.core == .acked || past.core == .latak
        // A latching alarm is latched from its raise on.
        latched = past.core == .latun || past.core == .latak || condition && definition.handling.latching
        level = condition ? past.level : nil
        (topLevel, limit, priority, topPriority) = (past.level, past.limit, past.priority, past.topPriority)
        (occurrence, revision, raisedAt) = (past.occurrence, past.revision, past.raisedAt)
        (shelf, suppression, outOfService) = (past.shelf, past.suppression, past.outOfService)
        if condition, let raisedAt { arm(definition, at: raisedAt) }
    }
}
