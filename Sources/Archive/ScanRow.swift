/// The texts in a row's JSON.
package enum ScanRow {
    /// A number as it stands, or the content of a JSON string.
    package static func unquoted(_ element: UnsafeBufferPointer<UInt8>) -> String {
        guard element.first == UInt8(ascii: "\""), element.count >= 2 else {
            return String(decoding: element, as: UTF8.self)
        }
        let content = element[1..<(element.count - 1)]
        guard content.contains(UInt8(ascii: "\\")) else { return String(decoding: content, as: UTF8.self) }
        var bytes: [UInt8] = []
        var at = content.startIndex
        while at < content.endIndex {
            if content[at] != UInt8(ascii: "\\") {
                bytes.append(content[at])
                at += 1
            } else if at + 1 < content.endIndex, content[at + 1] != UInt8(ascii: "u") {
                bytes.append(content[at + 1])
                at += 2
            } else {
                // The recorder writes control characters alone this way, \u0000 to \u007f.
                let digits = content[min(at + 2, content.endIndex)..<min(at + 6, content.endIndex)]
                bytes.append(UInt8(String(decoding: digits, as: UTF8.self), radix: 16) ?? UInt8(ascii: "?"))
                at += 6
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
