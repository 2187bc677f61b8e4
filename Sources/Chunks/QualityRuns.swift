import Plant

/// Qualities as runs: a quality, and for how many scans it holds.
enum QualityRuns {
    static func write(_ qualities: [Quality], _ writer: inout ByteWriter) {
        var start = 0
        while start < qualities.count {
            var end = start + 1
            while end < qualities.count, qualities[end] == qualities[start] { end += 1 }
            writer.byte(qualities[start].rawValue)
            writer.varint(UInt64(end - start))
            start = end
        }
    }

    static func read(_ reader: inout ByteReader, count: Int, into qualities: inout [Quality]) throws(ChunkError) {
        qualities.removeAll(keepingCapacity: true)
        while qualities.count < count {
            let quality = Quality(rawValue: try reader.byte())
            let run = try reader.run(upTo: count - qualities.count)
            qualities.append(contentsOf: repeatElement(quality, count: run))
        }
    }

    static func skip(_ reader: inout ByteReader, count: Int) throws(ChunkError) {
        var left = count
        while left > 0 {
            _ = try reader.byte()
            left -= try reader.run(upTo: left)
        }
    }
}
