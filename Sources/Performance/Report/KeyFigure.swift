/// A figure beside its target.
public struct KeyFigure: Hashable, Sendable, Codable {
    public let value: Double
    public let target: Double
    /// True when the target itself is too much.
    public let isExclusive: Bool
    public let source: Source
    public let verdict: Verdict

    /// Who set the target.
    public enum Source: String, Hashable, Sendable, Codable {
        case eemua = "EEMUA 191"
        case isa = "ISA-18.2"
        /// Common in the field, in no standard that was at hand.
        case practice
    }

    public enum Verdict: String, Hashable, Sendable, Codable { case ok, over }

    enum Target {
        case atMost(Double, Source)
        case below(Double, Source)
    }

    init(_ value: Double, _ aim: Target) {
        self.value = value
        switch aim {
        case .atMost(let target, let source):
            (self.target, isExclusive, self.source) = (target, false, source)
            verdict = value <= target ? .ok : .over
        case .below(let target, let source):
            (self.target, isExclusive, self.source) = (target, true, source)
            verdict = value < target ? .ok : .over
        }
    }

    enum CodingKeys: String, CodingKey {
        case value, target
        case isExclusive = "exclusive"
        case source, verdict
    }
}
