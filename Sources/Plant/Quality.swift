/// How far a reading can be trusted, and why not further.
///
/// One byte travels with every reading and is stored with it, so the raw values are a contract: they never change
/// their meaning, and a new cause takes a free number. `0` is good, `64..<128` is uncertain (there is a number, but its
/// origin is in doubt), `128...` is bad (there is no number).
@frozen
public struct Quality: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public let rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    @inlinable public var isGood: Bool { rawValue == 0 }
    @inlinable public var isBad: Bool { rawValue >= 128 }
    @inlinable public var isUncertain: Bool { rawValue >= 64 && rawValue < 128 }

    public static let good = Quality(rawValue: 0)

    // MARK: Uncertain

    /// The controller answers, but its heartbeat stands still: its program may have stopped.
    public static let frozen = Quality(rawValue: 64)
    /// Older than its scan allows.
    public static let stale = Quality(rawValue: 65)
    /// At the end of what the signal or the `range` can show; the true value may lie beyond.
    public static let clamped = Quality(rawValue: 66)
    /// The instrument says that its signal is weak.
    public static let weakSignal = Quality(rawValue: 67)
    /// A counter went through its highest value to zero.
    public static let wrapped = Quality(rawValue: 68)
    /// A counter fell without having been near its highest value: it was reset, or its device was.
    public static let reset = Quality(rawValue: 69)
    /// A status tag says that the number is in doubt.
    public static let doubtful = Quality(rawValue: 70)

    // MARK: Bad, because the link is

    /// No reading since the daemon started.
    public static let neverRead = Quality(rawValue: 128)
    /// The controller did not answer within its timeout.
    public static let timeout = Quality(rawValue: 129)
    /// The endpoint refused the connection.
    public static let refused = Quality(rawValue: 130)
    /// No route to the endpoint, or connecting took too long.
    public static let unreachable = Quality(rawValue: 131)
    /// The peer closed or reset an open connection.
    public static let disconnected = Quality(rawValue: 132)
    /// The reply was not an answer to the request: wrong protocol, unit, function or length.
    public static let badReply = Quality(rawValue: 133)
    /// This machine could not do it: no descriptor, no memory, an error of the operating system.
    public static let localFault = Quality(rawValue: 134)

    // MARK: Bad, because the value is

    /// A floating-point register held NaN or an infinity.
    public static let notANumber = Quality(rawValue: 144)
    /// Outside the tag's `range`.
    public static let outOfRange = Quality(rawValue: 145)
    /// One of the tag's `invalid` values: the instrument's way of saying "no measurement".
    public static let invalidValue = Quality(rawValue: 146)
    /// A tag with `expect` held another value: the register layout is not the one the profile describes.
    public static let unexpected = Quality(rawValue: 147)
    /// Another tag of this controller broke its `expect`, so no register of it can be believed.
    public static let layoutMismatch = Quality(rawValue: 148)
    /// The bytes were not text.
    public static let notText = Quality(rawValue: 149)
    /// A status tag says that the sensor or its channel has failed.
    public static let sensorFault = Quality(rawValue: 150)
    /// Below the failure limit of a live-zero signal: a broken wire (NAMUR NE 43).
    public static let failLow = Quality(rawValue: 151)
    /// Above the failure limit of a live-zero signal (NAMUR NE 43).
    public static let failHigh = Quality(rawValue: 152)
    /// A digit of a binary-coded decimal was above 9.
    public static let notDecimal = Quality(rawValue: 153)
    /// A formula has no value here: a division by zero, a root of a negative number.
    public static let undefined = Quality(rawValue: 154)
    /// The status tag that decides about the value has not been read well itself.
    public static let statusUnknown = Quality(rawValue: 155)

    // MARK: Bad, because the controller said so

    /// A Modbus exception reply with its code (Modbus Application Protocol V1.1b3, section 7), 1...31.
    public static func exception(_ code: UInt8) -> Quality { Quality(rawValue: 160 + min(code, 31)) }
    /// The exception code when this is one.
    public var exceptionCode: UInt8? { rawValue > 160 && rawValue <= 191 ? rawValue - 160 : nil }
}

extension Quality {
    /// The causes by name. Exceptions are not in the table: there are 31 of them.
    private static let names: [UInt8: String] = [
        0: "good", 64: "uncertain:frozen", 65: "uncertain:stale", 66: "uncertain:clamped", 67: "uncertain:weak-signal",
        68: "uncertain:counter-wrapped", 69: "uncertain:counter-reset", 70: "uncertain:doubtful",
        128: "bad:never-read", 129: "bad:timeout", 130: "bad:refused", 131: "bad:unreachable",
        132: "bad:disconnected", 133: "bad:bad-reply", 134: "bad:local-fault",
        144: "bad:not-a-number", 145: "bad:out-of-range", 146: "bad:invalid-value", 147: "bad:unexpected",
        148: "bad:layout-mismatch", 149: "bad:not-text", 150: "bad:sensor-fault", 151: "bad:fail-low",
        152: "bad:fail-high", 153: "bad:not-decimal", 154: "bad:undefined", 155: "bad:status-unknown",
    ]

    /// Every quality that has a name, for the `quality` table that lets plain SQL show words.
    public static let all: [Quality] =
        names.keys.sorted().map(Quality.init(rawValue:)) + (1...31).map(Quality.exception)

    /// The quality of a name; `nil` when nothing is called so.
    public init?(name: String) {
        guard let quality = Quality.all.first(where: { $0.name == name }) else { return nil }
        self = quality
    }

    /// `good`, `uncertain:frozen`, `bad:timeout`, `bad:exception-2`: stable, for people, files and queries.
    public var name: String {
        if let code = exceptionCode { return "bad:exception-\(code)" }
        return Quality.names[rawValue] ?? (isBad ? "bad:\(rawValue)" : "uncertain:\(rawValue)")
    }
}

extension Quality: CustomStringConvertible {
    public var description: String { name }
}
