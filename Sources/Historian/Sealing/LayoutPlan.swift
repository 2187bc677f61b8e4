import Archive
import Chunks
import GRDB
import Plant

/// What the sealer must know of a layout: which tags its rows bring, and as what.
struct LayoutPlan {
    struct Slot {
        /// `tag.id`.
        let tag: Int64
        let traits: ChunkTraits
    }

    /// In the order of the values in a row.
    let slots: [Slot]
    /// The period of the group when it was made, milliseconds.
    let period: Int64

    init(of layout: Int64, in database: Database) throws {
        let period = try Int64.fetchOne(database, sql: "SELECT period_ms FROM layout WHERE id = ?", arguments: [layout])
        guard let period else { throw SealError.layout(layout, "it is not in the table layout") }
        self.period = period
        let rows = try Row.fetchAll(
            database, sql: "SELECT slot, tag, type, stepped, counter FROM slot WHERE layout = ? ORDER BY slot",
            arguments: [layout])
        slots = try rows.enumerated().map { index, row in
            let name: String = row["type"]
            guard let type = ValueType(storedAs: name) else { throw SealError.layout(layout, "type \(name)") }
            guard row["slot"] == index else { throw SealError.layout(layout, "no slot \(index)") }
            return Slot(
                tag: row["tag"],
                traits: ChunkTraits(
                    type: type, isStepped: row["stepped"], isCounter: row["counter"], period: period))
        }
    }
}

/// What keeps rows from being sealed. They then stay where they are, and are read as ever.
enum SealError: Error, CustomStringConvertible {
    case layout(Int64, String)
    case row(Int64, String)
    case span(Int64, String)

    var description: String {
        switch self {
        case .layout(let number, let detail): "layout \(number) makes no sense: \(detail)"
        case .row(let key, let detail): "row \(key) cannot be sealed: \(detail)"
        case .span(let number, let detail): "span \(number) is damaged: \(detail)"
        }
    }
}

extension HistoryStore {
    func plan(of layout: Int64, in database: Database) throws -> LayoutPlan {
        if let known = plans[layout] { return known }
        let plan = try LayoutPlan(of: layout, in: database)
        plans[layout] = plan
        return plan
    }
}
