import Archive
import GRDBSQLite
import Plant

/// A tag, and its name in a form that SQLite can keep. A class, because every row has one.
final class NamedTag {
    let tag: StoredTag
    let name: LastingText

    init(_ tag: StoredTag, _ name: LastingText) { (self.tag, self.name) = (tag, name) }
}

/// The names of tags, for as long as a table lives: a statement may keep the pointers until it ends.
final class TagNames {
    private var lasting: [Int64: LastingText] = [:]

    func named(_ tag: StoredTag) -> NamedTag {
        if let name = lasting[tag.id] { return NamedTag(tag, name) }
        let name = LastingText(tag.name)
        lasting[tag.id] = name
        return NamedTag(tag, name)
    }
}

/// The tags of an archive by what a statement says of their names.
///
/// It belongs to a cursor, and so to one run of a statement, in which no tag comes or goes: a join asks for the same
/// few names over and over.
final class TagFinder {
    private let archive: Archive
    private let names: TagNames
    private var all: [NamedTag]?
    private var known: [String: NamedTag?] = [:]

    init(_ archive: Archive, _ names: TagNames) { (self.archive, self.names) = (archive, names) }

    /// All tags that can satisfy the rule, in the order in which SQLite compares their names. SQLite checks the rows
    /// again, so one too many does no harm.
    func tags(_ rule: ReadingPlan.TagRule, _ value: SQLValue) throws(ArchiveError) -> [NamedTag] {
        switch rule {
        case .any: return try sorted()
        case .equal: return try tags(equalTo: value)
        case .list:
            var found: [NamedTag] = []
            try value.forEach { (element) throws(ArchiveError) in
                for tag in try tags(equalTo: element) where !found.contains(where: { $0.tag.id == tag.tag.id }) {
                    found.append(tag)
                }
            }
            return found.sorted { TagFinder.isBefore($0.tag.name, $1.tag.name) }
        case .glob:
            guard !value.isNull else { return [] }
            let pattern = value.text
            return try sorted().filter { sqlite3_strglob(pattern, $0.name.start) == 0 }
        case .like:
            guard !value.isNull else { return [] }
            let pattern = value.text
            let isASCII = pattern.utf8.allSatisfy { $0 < 0x80 }
            // A host may have a LIKE of its own, which knows more letters than SQLite's.
            return try sorted().filter { tag in
                !isASCII || tag.tag.name.utf8.contains { $0 >= 0x80 }
                    || sqlite3_strlike(pattern, tag.name.start, 0) == 0
            }
        }
    }

    private func tags(equalTo value: SQLValue) throws(ArchiveError) -> [NamedTag] {
        if value.isNull || value.isBlob { return [] }
        if value.isText { return try tag(named: value.text).map { [$0] } ?? [] }
        // A number is compared as text or as a number, depending on where it comes from.
        return try sorted().filter { TagFinder.mayBeNumber($0.tag.name) }
    }

    private static func mayBeNumber(_ name: String) -> Bool {
        guard let first = name.utf8.first(where: { $0 > UInt8(ascii: " ") }) else { return false }
        switch first {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): return true
        // Text of a number that is none: Inf.
        case UInt8(ascii: "I"): return true
        default: return false
        }
    }

    func tag(named name: String) throws(ArchiveError) -> NamedTag? {
        if let tag = known[name] { return tag }
        let tag = try archive.tag(named: name).map(names.named)
        known[name] = .some(tag)
        return tag
    }

    private func sorted() throws(ArchiveError) -> [NamedTag] {
        if let all { return all }
        let tags = try archive.tags().map(names.named).sorted { TagFinder.isBefore($0.tag.name, $1.tag.name) }
        all = tags
        return tags
    }

    /// Byte by byte, as SQLite's BINARY.
    static func isBefore(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
}
