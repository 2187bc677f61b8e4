public import Modbus
public import Plant

/// Who answers at an endpoint, to which functions, in blocks of which size, and how fast.
public struct Probe: Sendable {
    /// Units that may say nothing before an endpoint from which nothing has come is taken for silent: eight timeouts are
    /// what a person waits.
    public static let silentUnits = 8
    /// Units whose functions and blocks are looked at; each takes about 40 requests. A serial line carries 32 loads.
    static let detailedUnits = 32
    /// When so many units were asked and every one answered, nobody looks at the unit.
    static let indifference = 8
    /// Where a first readable item is looked for in each table, because not every map begins at 0: Modbus's own first
    /// two, Schneider's 3000 (register 2999 on the wire), round addresses, Omron's and WAGO's 0x1000 and 0x2000, and
    /// the float region of Eurotherm.
    static let places = [0, 1, 100, 1000, 2999, 4096, 8192, 0x8002]

    /// What is asked.
    public struct Plan: Sendable {
        public let units: [UInt8]
        /// Units that may be silent at the beginning; 0 asks all.
        public let silentUnits: Int
        /// Where readable items begin, if somebody knows.
        public let place: Int?

        public init(units: [UInt8], silentUnits: Int = Probe.silentUnits, place: Int? = nil) {
            self.units = units
            self.silentUnits = silentUnits
            self.place = place
        }
    }

    /// What one unit said when it was asked for a first item.
    public enum Presence: Sendable, Hashable {
        case answers
        /// A gateway's word that there is nobody: exception 10 or 11.
        case absent(code: UInt8)
        /// No answer that could be one.
        case failed(ModbusError)
    }

    /// What a unit does with one of the four functions.
    public struct Function: Sendable, Hashable {
        public let table: RegisterTable
        /// Where something could be read; `nil` when nothing was.
        public let place: RegisterRange?
        /// What it said to the last question when nothing could be read.
        public let refusal: ModbusError?
        public let block: BlockLimit?

        /// True when the function itself is there, although no address that was tried is.
        public var isKnown: Bool {
            switch refusal {
            case nil: true
            case .exception(let code): code != 1
            case .timeout, .refused, .unreachable, .disconnected, .badReply, .localFault, .stopped: false
            }
        }
    }

    public struct Unit: Sendable {
        public let unit: UInt8
        public internal(set) var presence: Presence
        /// Empty for a unit that was not looked at closely.
        public internal(set) var functions: [Function] = []
        public internal(set) var roundTrips = RoundTrips()
    }

    public internal(set) var units: [Unit] = []
    public internal(set) var ending = Ending.complete
    /// No unit gave an answer that could be one; when it was none of the first, the rest was not asked.
    public internal(set) var isSilent = false
    /// What came last instead of an answer, also the end of the connection; `nil` when nothing did.
    public internal(set) var lastAnomaly: ModbusError?
    /// Every unit answers alike: one device that does not look at the unit, and only the first was looked at closely.
    public internal(set) var isIndifferent = false

    public var answering: [Unit] { units.filter { $0.presence == .answers } }

    /// Looks. Returns what was found also when it is interrupted or the endpoint goes away.
    public init(_ plan: Plan, through inquiry: inout Inquiry, progress: Progress.Report = { _ in }) {
        do throws(ModbusError) {
            try sweep(plan, &inquiry, progress)
            try lookClosely(plan, &inquiry, progress)
        } catch {
            ending = Ending(error)
        }
    }
}

extension Probe {
    /// Asks every unit for one register. Any exception but a gateway's is an answer of the unit.
    private mutating func sweep(
        _ plan: Plan, _ inquiry: inout Inquiry, _ progress: Progress.Report
    ) throws(ModbusError) {
        var hasHeard = false
        for unit in plan.units {
            progress(Progress(what: "unit \(unit)", done: units.count, total: plan.units.count))
            guard let range = RegisterRange(table: .holding, start: plan.place ?? 0, count: 1),
                let request = ReadRequest(unit: unit, range: range)
            else { continue }
            let error = try inquiry.ask(request).error
            let presence = Probe.presence(error)
            if case .failed(let error) = presence, error != .timeout { lastAnomaly = error }
            units.append(Unit(unit: unit, presence: presence, roundTrips: inquiry.takeRoundTrips()))
            if case .failed = presence {} else { hasHeard = true }
            if !hasHeard, plan.silentUnits > 0, units.count >= plan.silentUnits {
                isSilent = true
                return
            }
        }
        isSilent = !hasHeard
    }

    static func presence(_ error: ModbusError?) -> Presence {
        switch error {
        case nil: .answers
        case .exception(let code) where code == 10 || code == 11: .absent(code: code)
        case .exception: .answers
        case .timeout?, .refused?, .unreachable?, .disconnected?, .badReply?, .localFault?, .stopped?:
            .failed(error ?? .timeout)
        }
    }

    private mutating func lookClosely(
        _ plan: Plan, _ inquiry: inout Inquiry, _ progress: Progress.Report
    ) throws(ModbusError) {
        let present = units.indices.filter { units[$0].presence == .answers }
        isIndifferent = present.count >= Probe.indifference && present.count == units.count
        let close = present.prefix(isIndifferent ? 1 : Probe.detailedUnits)
        for (number, index) in close.enumerated() {
            let unit = units[index].unit
            for table in RegisterTable.allCases.sorted() {
                progress(
                    Progress(what: "unit \(unit), \(table.rawValue)", done: number * 4, total: close.count * 4))
                units[index].functions.append(try Probe.function(table, of: unit, plan, &inquiry))
            }
            units[index].roundTrips.add(inquiry.takeRoundTrips())
        }
    }

    private static func function(
        _ table: RegisterTable, of unit: UInt8, _ plan: Plan, _ inquiry: inout Inquiry
    ) throws(ModbusError) -> Function {
        var refusal: ModbusError?
        for place in plan.place.map({ [$0] }) ?? places {
            guard let first = RegisterRange(table: table, start: place, count: 1),
                let request = ReadRequest(unit: unit, range: first)
            else { continue }
            refusal = try inquiry.askPatiently(request).error
            guard let error = refusal else {
                let block = try inquiry.blockLimit(unit, from: first)
                return Function(table: table, place: first, refusal: nil, block: block)
            }
            // Another address does not help a function that is not there, nor one that nobody answers.
            guard error.keepsConnection, error != .exception(1), error != .exception(10), error != .exception(11)
            else { break }
        }
        return Function(table: table, place: nil, refusal: refusal, block: nil)
    }
}
