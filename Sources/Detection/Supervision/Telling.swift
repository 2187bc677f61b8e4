/// How one event reaches people. The journal has it in any case.
public enum Telling: String, Hashable, Sendable, CaseIterable, Codable {
    /// At once, by itself.
    case single
    /// In the next digest of the flood.
    case digest
    /// In the notice of a mass exit.
    case grouped
    /// As one more in "chattering x17".
    case counted
    /// Nobody is told: it is not annunciated.
    case none
}
