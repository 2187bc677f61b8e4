import Archive
import Historian

extension HistoryReader: QuerySource {
    func storedTags() throws -> [StoredTag] { try tags() }

    func readings(
        of tag: StoredTag, from: Int64, to: Int64, _ order: ReadingOrder, _ body: (StoredReading) throws -> Void
    ) throws {
        try readings(tag: tag.name, from: from, to: to, order, body)
    }

    func slice(
        of tags: [StoredTag], from: Int64, to: Int64, _ body: (StoredTag, StoredReading) throws -> Void
    ) throws {
        try slice(from: from, to: to, tags, body)
    }

    func standing(at time: Int64, _ tags: [StoredTag]) throws -> [Standing] { try at(time, tags) }

    func gaps(of tag: StoredTag, from: Int64, to: Int64, now: Int64, pending: Int64) throws -> [Gap] {
        try gaps(tag: tag.name, from: from, to: to, now: now, pending: pending)
    }

    func aggregates(
        of tag: StoredTag, from: Int64, to: Int64, _ buckets: Buckets, _ options: AggregateOptions,
        _ body: (Aggregate) throws -> Void
    ) throws {
        try aggregates(tag: tag.name, from: from, to: to, buckets, options, body)
    }
}
