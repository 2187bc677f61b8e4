public import Archive
public import Plant

extension HistoryReader {
    /// Scans fetched in one read transaction: some megabytes of a large plant, and about ten milliseconds.
    static let pageScans = 1000

    /// Hands over the scans of all groups in the order in which the watch saw them complete, with constant memory. Ends
    /// early when `body` throws.
    ///
    /// - Parameters:
    ///   - tags: the tags in question, of the configuration that asks. Others are not decoded.
    ///   - start: UTC milliseconds, as is `end`; half-open, by the times of the scans.
    /// - Throws: `HistoryError`, or what `body` throws.
    public func scans(
        of tags: [Tag], from start: Int64, to end: Int64, _ body: (borrowing RecordedScan) throws -> Void
    ) throws {
        let cursor = try read { try $0.scans(of: tags, from: start, to: end) }
        // Storage that is used again and again: nothing is allocated for a value, and nothing for a scan.
        var page: [RecordedScan] = []
        var count = HistoryReader.pageScans
        while count == HistoryReader.pageScans {
            count = 0
            try read { _ in
                try cursor.renew()
                while count < HistoryReader.pageScans {
                    if count == page.count { page.append(RecordedScan(time: 0, group: "", tags: [])) }
                    guard try cursor.next(into: &page[count]) else { break }
                    count += 1
                }
            }
            for index in 0..<count { try body(page[index]) }
        }
    }
}
