/// The JSON objects of texts that the tables hold: `{"10":"melt","70":"soak"}`.
enum StringMap {
    /// What is no such object, as nobody but a stranger wrote, gives what stands before the fault.
    ///
    /// - Parameter text: ends with NUL.
    static func parse(_ text: UnsafePointer<UInt8>?) -> [String: String] {
        guard var at = text, at.pointee == UInt8(ascii: "{") else { return [:] }
        var map: [String: String] = [:]
        repeat {
            at += 1
            guard let key = string(&at), at.pointee == UInt8(ascii: ":") else { return map }
            at += 1
            guard let value = string(&at) else { return map }
            map[key] = value
        } while at.pointee == UInt8(ascii: ",")
        return map
    }

    private static func string(_ at: inout UnsafePointer<UInt8>) -> String? {
        guard at.pointee == UInt8(ascii: "\"") else { return nil }
        var bytes: [UInt8] = []
        at += 1
        while at.pointee != UInt8(ascii: "\"") {
            guard at.pointee != 0 else { return nil }
            if at.pointee == UInt8(ascii: "\\") {
                at += 1
                guard escaped(&at, into: &bytes) else { return nil }
            } else {
                bytes.append(at.pointee)
                at += 1
            }
        }
        at += 1
        return String(decoding: bytes, as: UTF8.self)
    }

    /// RFC 8259, section 7.
    private static func escaped(_ at: inout UnsafePointer<UInt8>, into bytes: inout [UInt8]) -> Bool {
        let letter = at.pointee
        guard letter != 0 else { return false }
        at += 1
        switch letter {
        case UInt8(ascii: "n"): bytes.append(10)
        case UInt8(ascii: "t"): bytes.append(9)
        case UInt8(ascii: "r"): bytes.append(13)
        case UInt8(ascii: "b"): bytes.append(8)
        case UInt8(ascii: "f"): bytes.append(12)
        case UInt8(ascii: "u"):
            var units: [UInt16] = []
            guard let first = unit(&at) else { return false }
            units.append(first)
            if first & 0xFC00 == 0xD800, at.pointee == UInt8(ascii: "\\"), at[1] == UInt8(ascii: "u") {
                at += 2
                guard let second = unit(&at) else { return false }
                units.append(second)
            }
            bytes.append(contentsOf: String(decoding: units, as: UTF16.self).utf8)
        default: bytes.append(letter)
        }
        return true
    }

    private static func unit(_ at: inout UnsafePointer<UInt8>) -> UInt16? {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(at.pointee)).hexDigitValue else { return nil }
            unit = unit << 4 | UInt16(digit)
            at += 1
        }
        return unit
    }
}
