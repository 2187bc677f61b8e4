public import Modbus
public import Plant

/// Which registers of a table a unit gives, and what they held.
///
/// Blocks grow while they are answered and are halved when they are refused, so that a large readable area costs a few
/// questions. Far from anything readable only every so many registers are asked.
public struct Survey: Sendable {
    /// Refused registers in a row after which only every `step`-th is asked.
    static let voidAfter = 16
    /// Silences in a row, before anything was ever read, after which the unit is taken for absent.
    static let silences = 8

    /// What is asked.
    public struct Plan: Sendable {
        public let unit: UInt8
        public let table: RegisterTable
        public let addresses: ClosedRange<Int>
        /// In a void only every so many registers are asked; 1 asks each.
        public let step: Int

        /// What a step may be: 16 words still find every block that is worth a request.
        public static let steps = 1...16
        public static let defaultStep = 8

        /// - Returns: nil when the addresses are not in 0...65 535, or the step not in `steps`.
        public init?(unit: UInt8, table: RegisterTable, addresses: ClosedRange<Int>, step: Int = defaultStep) {
            guard (0...65_535).contains(addresses.lowerBound), addresses.upperBound <= 65_535,
                Self.steps.contains(step)
            else { return nil }
            self.unit = unit
            self.table = table
            self.addresses = addresses
            self.step = step
        }

        /// Requests it takes: at least one for each largest block, at most two a register (one that is answered doubles
        /// the next, so only as many can be halved again) and two bisections of the block size.
        public var budget: ClosedRange<Int> {
            let count = addresses.count
            return (count + table.protocolLimit - 1) / table.protocolLimit...2 * count + 24
        }
    }

    /// What could be read, in order, without a gap inside; `values` are words, or bits as 0 and 1.
    public struct Area: Sendable, Hashable {
        public internal(set) var range: RegisterRange
        public internal(set) var values: [UInt16]
    }

    public let plan: Plan
    public private(set) var areas: [Area] = []
    /// Refusals of single registers, by cause.
    public private(set) var refusals: [ModbusError: Int] = [:]
    /// Registers in a void that were not asked: an area shorter than the step can lie there.
    public private(set) var unasked = 0
    /// The largest block that was answered.
    public private(set) var largestBlock = 0
    /// The smallest block that was refused although all of it can be read, when there is one.
    public private(set) var refusedBlock: (count: Int, by: ModbusError)?
    public private(set) var requests = 0
    public private(set) var ending = Ending.complete

    /// The next address, and the size of the next block.
    private var at: Int
    private var size: Int
    private var largestAllowed: Int
    private var refusedInARow = 0
    private var silentInARow = 0
    /// The smallest block refused so far of which no single register was: once all of it has been read in pieces, its
    /// size was what was wrong with it.
    private var suspect: (start: Int, count: Int, by: ModbusError)?

    /// Looks. Returns what was found also when it is interrupted or the unit goes away.
    public init(_ plan: Plan, through inquiry: inout Inquiry, progress: Progress.Report = { _ in }) {
        self.plan = plan
        at = plan.addresses.lowerBound
        size = plan.table.protocolLimit
        largestAllowed = plan.table.protocolLimit
        do throws(ModbusError) {
            while at <= plan.addresses.upperBound {
                progress(
                    Progress(
                        what: "\(plan.table.rawValue):\(at)", done: at - plan.addresses.lowerBound,
                        total: plan.addresses.count))
                try advance(&inquiry)
            }
        } catch {
            ending = Ending(error)
        }
        requests = inquiry.requests
    }
}

extension Survey {
    private mutating func advance(_ inquiry: inout Inquiry) throws(ModbusError) {
        // No longer than a block that is known to be answered: the way back to where an area begins is asked in blocks.
        let step = largestBlock == 0 ? plan.step : min(plan.step, largestBlock)
        if refusedInARow >= Survey.voidAfter, step > 1, at + step - 1 <= plan.addresses.upperBound {
            return try leap(step, &inquiry)
        }
        let count = min(size, largestAllowed, plan.addresses.upperBound - at + 1)
        guard let error = try read(at, count, &inquiry) else {
            at += count
            size = count * 2
            refusedInARow = 0
            return try settleSuspect(&inquiry)
        }
        guard count == 1 else {
            size = count / 2
            if suspect.map({ count < $0.count }) ?? true { suspect = (at, count, error) }
            return
        }
        refuse(error)
    }

    private mutating func refuse(_ error: ModbusError) {
        refusals[error, default: 0] += 1
        refusedInARow += 1
        // What holds an unreadable register was refused for that.
        suspect = nil
        size = 1
        at += 1
    }

    /// Asks the last of the next `step` registers, and when it is there, bisects for the first that is.
    private mutating func leap(_ step: Int, _ inquiry: inout Inquiry) throws(ModbusError) {
        let sample = at + step - 1
        if let error = try read(sample, 1, &inquiry) {
            unasked += step - 1
            at = sample
            return refuse(error)
        }
        var low = at
        var first = sample
        while low < first {
            let middle = (low + first) / 2
            if try read(middle, sample - middle + 1, &inquiry) == nil { first = middle } else { low = middle + 1 }
        }
        unasked += max(0, first - at - 1)
        at = sample + 1
        size = sample - first + 2
        refusedInARow = 0
    }

    /// All of a refused block has been read in pieces: finds how large a block may be.
    private mutating func settleSuspect(_ inquiry: inout Inquiry) throws(ModbusError) {
        guard let found = suspect, at >= found.start + found.count else { return }
        suspect = nil
        var good = found.count / 2
        var bad = (count: found.count, by: found.by)
        while bad.count - good > 1 {
            let middle = (good + bad.count) / 2
            if let error = try read(found.start, middle, &inquiry) { bad = (middle, error) } else { good = middle }
        }
        largestAllowed = good
        refusedBlock = bad
    }

    /// Reads a block and keeps what came.
    ///
    /// - Returns: why it was refused. Throws when that says nothing about the registers.
    private mutating func read(
        _ start: Int, _ count: Int, _ inquiry: inout Inquiry
    ) throws(ModbusError) -> ModbusError? {
        guard let range = RegisterRange(table: plan.table, start: start, count: count),
            let request = ReadRequest(unit: plan.unit, range: range)
        else { return .exception(2) }
        let reply = try inquiry.askPatiently(request)
        switch reply.outcome {
        case .success:
            keep(Area(range: range, values: reply.items))
            largestBlock = max(largestBlock, count)
            silentInARow = 0
            return nil
        // The function is not there, or the gateway says that the unit is not: no address will help.
        case .failure(.exception(1)), .failure(.exception(10)), .failure(.exception(11)):
            throw reply.error ?? .timeout
        case .failure(.exception(let code)):
            silentInARow = 0
            return .exception(code)
        case .failure(let error):
            // Silence says something about the registers only while others are still answered.
            if let known = areas.first?.range,
                let alive = RegisterRange(table: known.table, start: Int(known.start), count: 1)
            {
                _ = try inquiry.refusal(of: alive, plan.unit, alive: alive)
                return error
            }
            silentInARow += 1
            if silentInARow >= Survey.silences { throw error }
            return error
        }
    }

    /// Adds what came to the last area, when it begins in it or right behind it; what is known already stays.
    private mutating func keep(_ new: Area) {
        guard let last = areas.last, new.range.start <= last.range.end, new.range.end >= last.range.start else {
            return areas.append(new)
        }
        if new.range.start < last.range.start {
            areas[areas.count - 1] = new
        } else if new.range.end > last.range.end,
            let joined = RegisterRange(
                table: plan.table, start: Int(last.range.start), count: new.range.end - Int(last.range.start))
        {
            let tail = new.values.dropFirst(last.range.end - Int(new.range.start))
            areas[areas.count - 1] = Area(range: joined, values: last.values + tail)
        }
    }
}
