import Glibc

/// A formula over the tags of a plant, resolved and ready to be evaluated.
///
/// Values only: the text that people write is read by `PlantConfiguration`, which checks names and arities.
public struct Formula: Sendable, Hashable {
    /// As it is written in the configuration.
    public let text: String
    public let root: Node
    /// The tags it needs, each once, in the order of first use.
    public let inputs: [Tag.ID]

    public indirect enum Node: Sendable, Hashable {
        case number(Double)
        case tag(Tag.ID)
        case negate(Node)
        case add(Node, Node)
        case subtract(Node, Node)
        case multiply(Node, Node)
        case divide(Node, Node)
        case power(Node, Node)
        case call(Function, [Node])
    }

    /// The functions a formula may call. Angles are radians.
    public enum Function: String, Sendable, Hashable, CaseIterable {
        case abs, sqrt, exp, ln, log10
        case min, max, mean

        /// How many arguments it takes.
        public var arguments: ClosedRange<Int> {
            switch self {
            case .abs, .sqrt, .exp, .ln, .log10: 1...1
            case .min, .max, .mean: 1...64
            }
        }
    }

    public init(text: String, root: Node) {
        self.text = text
        self.root = root
        inputs = root.tags.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// The value over the engineering values of its inputs. NaN or infinite where it has none.
    public func value(of input: (Tag.ID) -> Double) -> Double { root.value(of: input) }

    /// The same formula over tags with other numbers.
    public func renumbered(_ number: (Tag.ID) -> Tag.ID) -> Formula {
        Formula(text: text, root: root.renumbered(number))
    }
}

extension Formula.Node {
    fileprivate var tags: [Tag.ID] {
        switch self {
        case .number: []
        case .tag(let id): [id]
        case .negate(let a): a.tags
        case .add(let a, let b), .subtract(let a, let b), .multiply(let a, let b), .divide(let a, let b),
            .power(let a, let b):
            a.tags + b.tags
        case .call(_, let arguments): arguments.flatMap(\.tags)
        }
    }

    fileprivate func value(of input: (Tag.ID) -> Double) -> Double {
        switch self {
        case .number(let number): number
        case .tag(let id): input(id)
        case .negate(let a): -a.value(of: input)
        case .add(let a, let b): a.value(of: input) + b.value(of: input)
        case .subtract(let a, let b): a.value(of: input) - b.value(of: input)
        case .multiply(let a, let b): a.value(of: input) * b.value(of: input)
        case .divide(let a, let b): a.value(of: input) / b.value(of: input)
        case .power(let a, let b): pow(a.value(of: input), b.value(of: input))
        case .call(let function, let arguments): function.value(arguments.map { $0.value(of: input) })
        }
    }

    fileprivate func renumbered(_ number: (Tag.ID) -> Tag.ID) -> Formula.Node {
        switch self {
        case .number: self
        case .tag(let id): .tag(number(id))
        case .negate(let a): .negate(a.renumbered(number))
        case .add(let a, let b): .add(a.renumbered(number), b.renumbered(number))
        case .subtract(let a, let b): .subtract(a.renumbered(number), b.renumbered(number))
        case .multiply(let a, let b): .multiply(a.renumbered(number), b.renumbered(number))
        case .divide(let a, let b): .divide(a.renumbered(number), b.renumbered(number))
        case .power(let a, let b): .power(a.renumbered(number), b.renumbered(number))
        case .call(let function, let arguments): .call(function, arguments.map { $0.renumbered(number) })
        }
    }
}

extension Formula.Function {
    fileprivate func value(_ arguments: [Double]) -> Double {
        switch self {
        case .abs: arguments[0].magnitude
        case .sqrt: arguments[0].squareRoot()
        case .exp: Glibc.exp(arguments[0])
        case .ln: Glibc.log(arguments[0])
        case .log10: Glibc.log10(arguments[0])
        // Not Swift's: a NaN among the arguments must not be lost.
        case .min: arguments.reduce(.infinity) { $0.isNaN || $1.isNaN ? .nan : Swift.min($0, $1) }
        case .max: arguments.reduce(-.infinity) { $0.isNaN || $1.isNaN ? .nan : Swift.max($0, $1) }
        case .mean: arguments.reduce(0, +) / Double(arguments.count)
        }
    }
}
