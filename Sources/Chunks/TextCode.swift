/// Texts: how many different ones, each with its length, then runs of them by their place in that list.
enum TextCode {
    static func write(_ texts: [String], _ writer: inout ByteWriter) {
        // Bytes, since two texts can be equal to Swift and differ in them.
        var places: [[UInt8]: Int] = [:]
        var dictionary: [[UInt8]] = []
        let indices = texts.map { text in
            let bytes = Array(text.utf8)
            if let place = places[bytes] { return place }
            places[bytes] = dictionary.count
            dictionary.append(bytes)
            return dictionary.count - 1
        }
        writer.varint(UInt64(dictionary.count))
        for bytes in dictionary {
            writer.varint(UInt64(bytes.count))
            writer.append(bytes)
        }
        var start = 0
        while start < indices.count {
            var end = start + 1
            while end < indices.count, indices[end] == indices[start] { end += 1 }
            writer.varint(UInt64(end - start))
            writer.varint(UInt64(indices[start]))
            start = end
        }
    }

    /// - Parameter count: texts that are to come behind those that are there already.
    static func read(_ reader: inout ByteReader, count: Int, into texts: inout [String]) throws(ChunkError) {
        let different = try reader.run(upTo: count)
        var dictionary: [String] = []
        for _ in 0..<different {
            let bytes = try reader.slice(try reader.varint())
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw .damaged("no UTF-8 in \(bytes.count) bytes before byte \(reader.position)")
            }
            dictionary.append(text)
        }
        var left = count
        while left > 0 {
            let run = try reader.run(upTo: left)
            let place = try reader.varint()
            guard place < UInt64(dictionary.count) else {
                throw .damaged("text \(place) of \(dictionary.count) before byte \(reader.position)")
            }
            texts.append(contentsOf: repeatElement(dictionary[Int(place)], count: run))
            left -= run
        }
    }
}
