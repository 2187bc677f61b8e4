import Glibc
import Plant

/// UTC milliseconds that are ISO 8601 text in JSON, `2026-01-03T10:00:00.123Z`.
@propertyWrapper
public struct UTCMilliseconds: Codable, Hashable, Sendable {
    public var wrappedValue: Int64

    public init(wrappedValue: Int64) { self.wrappedValue = wrappedValue }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let time = UTCMilliseconds.parse(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\"\(text)\" is no time; expected like 2026-01-03T10:00:00.123Z")
        }
        wrappedValue = time
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(UTCTime.text(wrappedValue))
    }

    /// Exactly the form that `UTCTime.text` writes.
    static func parse(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        let form = Array("0000-00-00T00:00:00.000Z".utf8)
        guard bytes.count == form.count else { return nil }
        for (byte, expected) in zip(bytes, form) {
            let digit = UInt8(ascii: "0")...UInt8(ascii: "9")
            guard expected == UInt8(ascii: "0") ? digit.contains(byte) : byte == expected else { return nil }
        }
        func number(_ range: Range<Int>) -> Int { bytes[range].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } }
        var civil = tm()
        civil.tm_year = CInt(number(0..<4) - 1900)
        civil.tm_mon = CInt(number(5..<7) - 1)
        civil.tm_mday = CInt(number(8..<10))
        civil.tm_hour = CInt(number(11..<13))
        civil.tm_min = CInt(number(14..<16))
        civil.tm_sec = CInt(number(17..<19))
        let time = Int64(timegm(&civil)) * 1000 + Int64(number(20..<23))
        // timegm makes the 31st of February a day in March; such a text was never ours.
        return UTCTime.text(time) == text ? time : nil
    }
}

/// The same where there may be no time: the name is absent from the JSON then.
@propertyWrapper
public struct OptionalUTCMilliseconds: Codable, Hashable, Sendable {
    public var wrappedValue: Int64?

    public init(wrappedValue: Int64?) { self.wrappedValue = wrappedValue }

    public init(from decoder: any Decoder) throws { wrappedValue = try UTCMilliseconds(from: decoder).wrappedValue }

    public func encode(to encoder: any Encoder) throws {
        if let wrappedValue { try UTCMilliseconds(wrappedValue: wrappedValue).encode(to: encoder) }
    }
}

// What the compiler writes for a `Codable` type calls these, and they leave an absent time absent.
extension KeyedDecodingContainer {
    func decode(_ type: OptionalUTCMilliseconds.Type, forKey key: Key) throws -> OptionalUTCMilliseconds {
        try decodeIfPresent(type, forKey: key) ?? OptionalUTCMilliseconds(wrappedValue: nil)
    }
}

extension KeyedEncodingContainer {
    mutating func encode(_ value: OptionalUTCMilliseconds, forKey key: Key) throws {
        if let time = value.wrappedValue { try encode(UTCMilliseconds(wrappedValue: time), forKey: key) }
    }
}
