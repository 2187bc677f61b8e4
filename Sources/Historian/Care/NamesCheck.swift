import FoundationEssentials
import Plant
import Store

/// The slots say how numbers are decoded and carry no checksum of their own; their layout's map says the same again.
struct NamesCheck {
    let names: StoredNames
    let connection: PlainConnection
    let file: String

    /// What `layout.map` holds of a slot.
    private struct Mapped: Decodable, Equatable {
        var tag: String
        var type: String
        var scale: Double?
        var offset: Double?
        /// Left out when they are not so, and in the files of the first schema.
        var stepped: Bool?
        var counter: Bool?
    }

    func run(_ report: inout VerifyReport) throws(StoreError) {
        for unknown in names.unknownTypes {
            report.add(Finding(.wrong, file: file, "slot \(unknown) is no type of this version"))
        }
        let layouts = try connection.statement(
            """
            SELECT layout.id, layout.map, scan_group.name, layout.from_time FROM layout
            LEFT JOIN scan_group ON scan_group.id = layout.scan_group ORDER BY layout.id
            """)
        while try layouts.step() {
            let id = layouts.integer(0)
            guard let group = layouts.text(2) else {
                report.add(Finding(.wrong, file: file, "layout \(id) belongs to no scan group"))
                continue
            }
            let map = layouts.text(1) ?? ""
            guard let mapped = try? JSONDecoder().decode([Mapped].self, from: Data(map.utf8)) else {
                report.add(Finding(.wrong, file: file, subject: group, "the map of layout \(id) is no JSON of slots"))
                continue
            }
            let stored = try slots(of: id, mapped)
            for slot in 0..<max(mapped.count, stored.count) {
                let (one, other) = (slot < mapped.count ? mapped[slot] : nil, slot < stored.count ? stored[slot] : nil)
                guard one != other else { continue }
                report.add(
                    Finding(
                        .wrong, file: file, subject: one?.tag ?? other?.tag,
                        "layout \(id) of \(group), slot \(slot): \(text(other)), expected \(text(one)) as in its map"))
            }
        }
    }

    private func slots(of layout: Int64, _ mapped: [Mapped]) throws(StoreError) -> [Mapped] {
        let rows = try connection.statement(
            """
            SELECT tag.name, slot.type, slot.scale, slot.offset, slot.stepped, slot.counter
            FROM slot LEFT JOIN tag ON tag.id = slot.tag
            WHERE slot.layout = ? ORDER BY slot.slot
            """)
        rows.bind(layout, at: 1)
        var slots: [Mapped] = []
        while try rows.step() {
            let model = slots.count < mapped.count ? mapped[slots.count] : nil
            slots.append(
                Mapped(
                    tag: rows.text(0) ?? "?", type: rows.text(1) ?? "?", scale: rows.isNull(2) ? nil : rows.real(2),
                    offset: rows.isNull(3) ? nil : rows.real(3),
                    stepped: model?.stepped == nil ? nil : rows.integer(4) != 0,
                    counter: model?.counter == nil ? nil : rows.integer(5) != 0))
        }
        return slots
    }

    private func text(_ slot: Mapped?) -> String {
        guard let slot else { return "nothing" }
        let scale = slot.scale.map { " x \($0) + \(slot.offset ?? 0)" } ?? ""
        return "\(slot.tag) \(slot.type)\(scale)"
    }
}
