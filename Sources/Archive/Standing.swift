/// What stood for a tag at an instant: its newest reading at that time or before, good or not.
public struct Standing: Sendable, Hashable {
    public let tag: StoredTag
    public let reading: StoredReading

    public init(tag: StoredTag, reading: StoredReading) { (self.tag, self.reading) = (tag, reading) }
}
