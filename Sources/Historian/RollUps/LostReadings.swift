import Archive
import GRDB

/// Where readings are gone that roll-ups were made of. Such a roll-up knows more than the readings that are left, and
/// is not replaced by one that has fewer.
enum LostReadings {
    /// Whether some of a tag were deleted in a range, or lost with damage when the history was salvaged.
    static func are(of tag: StoredTag, in range: Range<Int64>, _ database: Database) throws -> Bool {
        if let deletedTo = try Mark.deletedTo.number(in: database), range.lowerBound < deletedTo { return true }
        return try Bool.fetchOne(
            database,
            sql: """
                SELECT EXISTS (
                    SELECT 1 FROM event
                    WHERE kind = 'salvaged' AND t0 < ?3 AND t1 > ?2 AND t1 > t0 AND (subject IS NULL OR subject = ?1
                        OR subject IN (
                            SELECT scan_group.name FROM slot JOIN layout ON layout.id = slot.layout
                            JOIN scan_group ON scan_group.id = layout.scan_group WHERE slot.tag = ?4)))
                """, arguments: [tag.name, range.lowerBound, range.upperBound, tag.id]) ?? false
    }
}
