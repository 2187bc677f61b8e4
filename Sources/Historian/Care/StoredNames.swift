import Chunks
import Plant
import Store

/// The names of a history and how its scans are laid out, without which no chunk can be told from another.
struct StoredNames {
    struct Group {
        var id: Int64
        var name: String
        /// Milliseconds.
        var period: Int64
        /// Rows up to this ordinal are sealed, or wait elsewhere.
        var cut: Int64
        var isImported: Bool
        /// The newest number among the scans that are sealed or wait, and the newest that was given of an import.
        var newest: Int64
        var longest: Int64
    }

    struct Slot {
        var tag: Int64
        var type: ValueType
        var traits: ChunkTraits
    }

    struct Layout {
        var group: Int64
        var slots: [Slot] = []
    }

    var groups: [Group] = []
    var tags: [Int64: String] = [:]
    var layouts: [Int64: Layout] = [:]
    /// Types that this version does not know, as `layout/slot: name`.
    var unknownTypes: [String] = []

    init(_ connection: PlainConnection) throws(StoreError) {
        let groups = try connection.statement(
            "SELECT id, name, period_ms, cut, imported, longest_ms, sequence FROM scan_group ORDER BY id")
        while try groups.step() {
            self.groups.append(
                Group(
                    id: groups.integer(0), name: groups.text(1) ?? "", period: groups.integer(2),
                    cut: groups.integer(3), isImported: groups.integer(4) != 0, newest: groups.integer(6),
                    longest: groups.integer(5)))
        }
        let tags = try connection.statement("SELECT id, name FROM tag")
        while try tags.step() { self.tags[tags.integer(0)] = tags.text(1) ?? "" }
        let layouts = try connection.statement("SELECT id, scan_group, period_ms FROM layout")
        var periods: [Int64: Int64] = [:]
        while try layouts.step() {
            self.layouts[layouts.integer(0)] = Layout(group: layouts.integer(1))
            periods[layouts.integer(0)] = layouts.integer(2)
        }
        let slots = try connection.statement(
            "SELECT layout, slot, tag, type, stepped, counter FROM slot ORDER BY layout, slot")
        while try slots.step() {
            let (layout, name) = (slots.integer(0), slots.text(3) ?? "")
            guard let type = StoredNames.types[name] ?? StoredNames.text(name) else {
                unknownTypes.append("\(layout)/\(slots.integer(1)): \(name)")
                continue
            }
            let traits = ChunkTraits(
                type: type, isStepped: slots.integer(4) != 0, isCounter: slots.integer(5) != 0,
                period: periods[layout] ?? 0)
            self.layouts[layout]?.slots.append(Slot(tag: slots.integer(2), type: type, traits: traits))
        }
    }

    private static let types: [String: ValueType] = {
        let all: [ValueType] = [
            .bool, .int16, .uint16, .int32, .uint32, .int64, .uint64, .float32, .float64, .bcd16, .bcd32, .signmag16,
            .signmag32,
        ]
        return Dictionary(all.map { ($0.description, $0) }, uniquingKeysWith: { first, _ in first })
    }()

    /// `string(8)`.
    private static func text(_ name: String) -> ValueType? {
        guard name.hasPrefix("string("), name.hasSuffix(")") else { return nil }
        return Int(name.dropFirst(7).dropLast()).map { .string(registers: $0) }
    }

    /// Of the groups of imports: the tag's name follows.
    static let importPrefix = "@import/"

    func name(ofTag tag: Int64) -> String { tags[tag] ?? "tag \(tag)" }

    /// What events about a tag's readings are about: the tag, and the groups that read it.
    func subjects(of tag: Int64) -> Set<String> {
        let groups = Set(layouts.values.filter { $0.slots.contains { $0.tag == tag } }.map(\.group))
        return Set(self.groups.filter { groups.contains($0.id) }.map(\.name)).union([name(ofTag: tag)])
    }
}

extension ChunkKey {
    static func tag(_ key: Int64) -> Int64 { key >> spanBits }
    static func span(_ key: Int64) -> Int64 { key & (1 << spanBits - 1) }
}
