import Digest

/// Links each record of the audit trail to all before it: who changes one, takes one away or puts one in between has to
/// make every later link anew, and those that were noted elsewhere no longer fit.
///
/// A link is the SHA-256 of the link before (32 zeros for the first), then of the columns `id`, `time`, `boot`, `who`,
/// `what`, `subject`, `before`, `after`, `answer`, `why` in this order. A number is eight bytes, the highest first; a text
/// its length in bytes as such a number, then its UTF-8; nothing (NULL) the number -1. Plain enough to be made again with
/// any other tool.
enum AuditChain {
    static let beginning = [UInt8](repeating: 0, count: Digest.byteCount)

    static func link(after previous: [UInt8], id: Int64, boot: String, _ record: AuditRecord) -> [UInt8] {
        var bytes = previous
        bytes.append(number: id)
        bytes.append(number: record.time)
        for text in [
            boot, record.who, record.what, record.subject, record.before, record.after, record.answer, record.why,
        ] {
            bytes.append(text: text)
        }
        return Digest.sha256(bytes)
    }
}

extension [UInt8] {
    fileprivate mutating func append(number: Int64) {
        append(contentsOf: (0..<8).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) })
    }

    fileprivate mutating func append(text: String?) {
        guard let text else { return append(number: -1) }
        append(number: Int64(text.utf8.count))
        append(contentsOf: text.utf8)
    }
}

/// The newest link of the audit trail. Noted where the journal's owner cannot write, it proves later that nothing before
/// it was changed.
public struct AuditHead: Sendable, Hashable, CustomStringConvertible {
    /// The number of the newest record; 0 of an empty trail.
    public let number: Int64
    /// SHA-256 in hexadecimal.
    public let link: String

    init(number: Int64, link: [UInt8]) {
        self.number = number
        self.link = link.hex
    }

    /// `NUMBER:LINK`, or nil when it is not of this form.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int64(parts[0]), number > 0, parts[1].utf8.count == 64,
            parts[1].utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { return nil }
        (self.number, link) = (number, String(parts[1]))
    }

    /// `NUMBER:LINK`, as `cupel audit verify --head` takes it.
    public var description: String { "\(number):\(link)" }
}
