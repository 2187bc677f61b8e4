public import Modbus
public import Plant

/// How many items of a table a unit gives at once.
public struct BlockLimit: Sendable, Hashable {
    /// The largest block that was answered.
    public let range: RegisterRange
    public let verdict: Verdict

    public enum Verdict: Sendable, Hashable {
        /// As much as the protocol allows, or the table has.
        case whole
        /// One more is refused although it can be read by itself: this is the unit's limit.
        case limit(by: ModbusError)
        /// The next item cannot be read by itself either: the map ends there, and the limit may be larger.
        case edge(by: ModbusError)
    }
}

extension Inquiry {
    /// Finds it by bisection, at most 12 questions and 3 more.
    ///
    /// - Parameter first: an item that the unit has just given by itself.
    /// - Throws: also when the unit does not answer any more after a block that it left unanswered.
    public mutating func blockLimit(_ unit: UInt8, from first: RegisterRange) throws(ModbusError) -> BlockLimit {
        let start = Int(first.start)
        var good = first
        let most = min(first.table.protocolLimit, 65_536 - start)
        guard var bad = RegisterRange(table: first.table, start: start, count: most) else {
            return BlockLimit(range: good, verdict: .whole)
        }
        guard var why = try refusal(of: bad, unit, alive: first) else {
            return BlockLimit(range: bad, verdict: .whole)
        }
        while bad.count - good.count > 1 {
            guard let middle = RegisterRange(table: first.table, start: start, count: (good.count + bad.count) / 2)
            else { break }
            if let refusal = try refusal(of: middle, unit, alive: first) {
                (bad, why) = (middle, refusal)
            } else {
                good = middle
            }
        }
        guard let next = RegisterRange(table: first.table, start: good.end, count: 1) else {
            return BlockLimit(range: good, verdict: .whole)
        }
        let alone = try refusal(of: next, unit, alive: first)
        return BlockLimit(range: good, verdict: alone == nil ? .limit(by: why) : .edge(by: why))
    }

    /// Why a block is not given; `nil` when it is.
    ///
    /// A block that gets no answer is no refusal before the unit has shown that it still answers something else.
    mutating func refusal(
        of range: RegisterRange, _ unit: UInt8, alive known: RegisterRange
    ) throws(ModbusError) -> ModbusError? {
        guard let request = ReadRequest(unit: unit, range: range), let check = ReadRequest(unit: unit, range: known)
        else { return .exception(3) }
        guard let error = try askPatiently(request).error else { return nil }
        guard !error.keepsConnection else { return error }
        if let gone = try askPatiently(check).error, !gone.keepsConnection { throw gone }
        return error
    }
}
