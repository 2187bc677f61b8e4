public import Plant

/// One row of the history as the watch saw it: what it was asked, when, and what came back for the tags in question.
public struct RecordedScan: Sendable {
    /// UTC milliseconds when its first request left.
    public var time: Int64
    /// Milliseconds until its last reply was here, or until it was given up.
    public var took: Int64
    /// The name of its scan group, `F-01/fast`.
    public var group: String
    /// Tells apart what the group read before and after a change of the configuration.
    public var layout: Int64
    public var sequence: UInt64
    /// `.good`, or why the whole group was lost; then there are no readings.
    public var loss: Quality
    /// The tags in question that it reads, also when it was lost, in the order of their slots.
    public var tags: [Tag.ID]
    public var readings: [RecordedReading]
    /// Of string tags.
    public var texts: [Tag.ID: String]

    public init(
        time: Int64, took: Int64 = 0, group: String, layout: Int64 = 0, sequence: UInt64 = 0, loss: Quality = .good,
        tags: [Tag.ID], readings: [RecordedReading] = [], texts: [Tag.ID: String] = [:]
    ) {
        (self.time, self.took, self.group, self.layout, self.sequence) = (time, took, group, layout, sequence)
        (self.loss, self.tags, self.readings, self.texts) = (loss, tags, readings, texts)
    }
}

/// A number as it was in the registers, bit by bit, and what it means.
public struct RecordedReading: Sendable, Hashable {
    public var tag: Tag.ID
    public var quality: Quality
    /// 0 when it is bad.
    public var bits: UInt64
    /// In engineering units; NaN when it is bad or text.
    public var value: Double

    public init(tag: Tag.ID, quality: Quality, bits: UInt64, value: Double) {
        (self.tag, self.quality, self.bits, self.value) = (tag, quality, bits, value)
    }
}
