/// Bytes that are no chunk, or no longer one.
public enum ChunkError: Error, Hashable, Sendable {
    /// What was found, at which byte, and what was expected.
    case damaged(String)
}

extension ChunkError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .damaged(let detail): "damaged chunk: \(detail)"
        }
    }
}
