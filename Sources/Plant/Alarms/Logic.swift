/// A three-valued combination of tags and alarms.
///
/// A comparison of a value that is not good is unknown. `false and unknown` is false, `true or unknown` is true, what
/// else an unknown takes part in is unknown (Kleene).
public struct Logic: Hashable, Sendable {
    /// As it is written in the configuration.
    public let text: String
    public let root: Node
    /// The tags and alarms it needs, each once.
    public let tags: [Tag.ID]
    public let alarms: [AlarmDefinition.ID]

    public indirect enum Node: Hashable, Sendable {
        case compare(Operand, Comparison, Operand)
        case isOne(Tag.ID, of: [Double])
        case anyBit(Tag.ID, of: UInt64)
        /// The alarm's condition, whatever its overlays.
        case alarm(AlarmDefinition.ID)
        case not(Node)
        case all([Node])
        case any([Node])
        case atLeast(Int, [Node])
    }

    public enum Operand: Hashable, Sendable {
        case tag(Tag.ID)
        case number(Double)
    }

    public enum Comparison: String, Hashable, Sendable, CaseIterable {
        case less = "<"
        case atMost = "<="
        case equal = "=="
        case different = "!="
        case atLeast = ">="
        case more = ">"
    }

    public init(text: String, root: Node) {
        self.text = text
        self.root = root
        tags = root.tags.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        alarms = root.alarms.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}

/// What is known of a statement.
public enum Truth: Hashable, Sendable {
    case no, yes, unknown
}

extension Logic.Node {
    var tags: [Tag.ID] {
        switch self {
        case .compare(let a, _, let b): [a.tag, b.tag].compactMap { $0 }
        case .isOne(let tag, _), .anyBit(let tag, _): [tag]
        case .alarm: []
        case .not(let node): node.tags
        case .all(let nodes), .any(let nodes), .atLeast(_, let nodes): nodes.flatMap(\.tags)
        }
    }

    var alarms: [AlarmDefinition.ID] {
        switch self {
        case .compare, .isOne, .anyBit: []
        case .alarm(let alarm): [alarm]
        case .not(let node): node.alarms
        case .all(let nodes), .any(let nodes), .atLeast(_, let nodes): nodes.flatMap(\.alarms)
        }
    }
}

extension Logic.Operand {
    var tag: Tag.ID? { if case .tag(let tag) = self { tag } else { nil } }
}
