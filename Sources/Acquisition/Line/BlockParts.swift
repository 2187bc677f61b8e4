import Modbus
import Plant

/// How one block is asked for: whole while its controller answers it, else in parts around what is refused.
///
/// A refused block is halved until single values are left (``refuse(_:code:at:)``). Those are quarantined and tested
/// again ever more rarely. When every half is answered, nothing in it was bad: then either the registers between two
/// values may not be read, and the block stays cut there, or the block is longer than the controller takes, and that
/// length is learned for all of its blocks. A block that is met with silence, while its controller answers others, is
/// halved in the same way, a step each time. Nothing is learned for good: a PLC that was being loaded refuses
/// everything for a moment, so cuts and lengths are tried without after an hour, then ever more rarely.
struct BlockParts: Sendable {
    /// A quarantined value is tested after a minute, then ever more rarely, up to once an hour.
    static let firstTest: Int64 = 60_000_000_000
    static let rarestTest: Int64 = 3_600_000_000_000
    /// What was learned is doubted after an hour, then ever more rarely, up to once a day.
    static let firstDoubt: Int64 = 3_600_000_000_000
    static let rarestDoubt: Int64 = 86_400_000_000_000
    /// Requests beyond the planned ones that one scan of a block may cost. Finding one bad register among 125 takes
    /// 14; what is not found in one scan is found in the next.
    static let extraRequests = 32
    /// Scans in a row that must refuse a block without a bad value before anything is learned from it: a controller
    /// that is being loaded refuses once.
    static let refusals = 2
    /// Scans in a row that refuse everything of a block before it is believed: a controller that is being loaded, or a
    /// gateway that starts, refuses everything for a few seconds.
    static let patience = 2
    /// Requests after which a scan that is refused everything is left at that: halving 125 registers has come down to
    /// single values by then.
    static let momentRequests = 10
    /// Times that a part must be met with silence before it is halved: once is a lost packet.
    static let silences = 2

    /// Some atoms of the block that are asked for in one request.
    struct Part: Sendable, Hashable {
        let atoms: Range<Int>
        let request: ReadRequest
    }

    /// What one block's refusals taught about its controller.
    enum Lesson: Hashable, Sendable {
        /// It answers no more than so many items of a table at once.
        case limit(Int)
        /// The registers between two values are refused.
        case gap(RegisterRange)
        /// It answers more at once than the limit that was learned.
        case noLimit
    }

    private struct Atom: Sendable {
        let places: Range<Int>
        /// Indices into the request's tags.
        let tags: [Int]
        /// Why it is not asked for, and when it is tested again.
        var refusal: (quality: Quality, test: Int64, wait: Int64)?
    }

    private let table: RegisterTable
    private let unit: UInt8
    private var atoms: [Atom]
    let tagCount: Int
    /// Scans in a row in which nothing of the block was answered.
    private(set) var refusedWhole = 0
    /// A quarantined value was answered: the reason may be gone for all of them.
    private var isHealing = false
    /// A part ends before each of these atoms: for good, and while it is being found out why a block is refused.
    private var cuts: Set<Int> = []
    private var trials: Set<Int> = []
    private var trialsFoundBad = false
    private var longestAnswered = 0
    /// Scans in a row in which a block was refused though all of its values were answered.
    private var unexplained = 0
    /// The most items of a part.
    private var limit: Int
    private let configuredLimit: Int
    /// The limit in doubt: what was learned and is being tried without.
    private var doubted: Int?
    private var doubtAt = Int64.max
    private var doubtWait = BlockParts.firstDoubt
    private var silent: (part: Range<Int>, times: Int)?
    /// What to ask for in a scan.
    private(set) var parts: [Part] = []

    /// The limit in items of a table that a limit in registers is: a bit table packs sixteen to the register, so that
    /// the same limit means the same bytes.
    static func limit(_ registers: Int, of table: RegisterTable) -> Int {
        min(table.isBits ? registers * 16 : registers, table.protocolLimit)
    }

    init(_ planned: PlannedRequest, tags: [Tag], maxRegisters: Int) {
        table = planned.range.table
        unit = planned.request.unit
        let index = Dictionary(uniqueKeysWithValues: planned.tags.enumerated().map { ($1, $0) })
        atoms = RegisterAtom.all(of: planned.tags.map { tags[$0] }).map { atom in
            Atom(places: atom.places, tags: atom.tags.compactMap { index[$0] }.sorted())
        }
        tagCount = planned.tags.count
        configuredLimit = BlockParts.limit(maxRegisters, of: table)
        limit = configuredLimit
        arrange()
    }

    // MARK: What to ask

    /// True while the block is asked for in one request, and whole.
    var isWhole: Bool { parts.count == 1 && parts[0].atoms.count == atoms.count }

    /// The least that can be asked: one value, to see whether anybody is there. None that is refused or met with silence
    /// where there are others.
    ///
    /// - Parameter turn: another value each time, from both ends inwards.
    func probe(_ turn: Int) -> ReadRequest? {
        let well = atoms.indices.filter { atoms[$0].refusal == nil }
        let speaking = well.isEmpty ? atoms.indices.filter { atoms[$0].refusal?.quality != .timeout } : well
        let candidates = speaking.isEmpty ? Array(atoms.indices) : speaking
        guard !candidates.isEmpty else { return nil }
        let place = turn % candidates.count
        let index = candidates[place.isMultiple(of: 2) ? place / 2 : candidates.count - 1 - place / 2]
        return part(index..<index + 1)?.request
    }

    /// Every value of it was met with silence.
    var isSilent: Bool { atoms.allSatisfy { $0.refusal?.quality == .timeout } }

    /// Why each of the request's tags is not asked for, `.good` when it is; empty when all are.
    var refused: [Quality] {
        guard hasRefusals else { return [] }
        var refused = [Quality](repeating: .good, count: tagCount)
        for atom in atoms {
            guard let refusal = atom.refusal else { continue }
            for tag in atom.tags { refused[tag] = refusal.quality }
        }
        return refused
    }

    /// The tags of a part, as indices into the request's.
    func tags(of part: Part) -> [Int] { atoms[part.atoms].flatMap(\.tags) }

    /// The quarantined values and what they were refused with, each with its registers.
    var quarantine: [(range: RegisterRange, quality: Quality)] {
        atoms.compactMap { atom in
            guard let refusal = atom.refusal, let range = range(atom.places) else { return nil }
            return (range, refusal.quality)
        }
    }

    /// Some of it is quarantined.
    var hasRefusals: Bool { atoms.contains { $0.refusal != nil } }

    /// The quarantined value that is to be tested now, if any. Asking it puts its next test off, whatever comes.
    mutating func test(at now: Int64) -> Part? {
        guard let index = atoms.firstIndex(where: { $0.refusal.map { $0.test <= now } ?? false }) else { return nil }
        let wait = min((atoms[index].refusal?.wait ?? 0) * 2, BlockParts.rarestTest)
        atoms[index].refusal?.wait = wait
        atoms[index].refusal?.test = now + wait
        return part(index..<index + 1)
    }

    // MARK: What came of it

    mutating func answered(_ part: Part) {
        longestAnswered = max(longestAnswered, part.request.range.count)
        if silent?.part == part.atoms { silent = nil }
        if part.atoms.count == atoms.count { unexplained = 0 }
        refusedWhole = 0
        guard part.atoms.count == 1, atoms[part.atoms.lowerBound].refusal != nil else { return }
        atoms[part.atoms.lowerBound].refusal = nil
        isHealing = true
        arrange()
    }

    /// The scan refused everything.
    mutating func wasRefusedWhole() { refusedWhole += 1 }

    /// What was answered is published. When a quarantined value was among it, all of them are asked for again.
    mutating func scanEnded() {
        if isHealing { forgetRefusals() }
    }

    /// Asks for everything again: what was refused may have been another device's, or have been put right.
    mutating func forgetRefusals() {
        isHealing = false
        (trials, trialsFoundBad, refusedWhole, silent) = ([], false, 0, nil)
        for index in atoms.indices { atoms[index].refusal = nil }
        arrange()
    }

    /// The controller refused a part with an exception.
    ///
    /// - Returns: what to ask for instead, now; nothing when a single value was refused, which is then quarantined.
    mutating func refuse(_ part: Part, code: UInt8, at now: Int64) -> [Part] {
        guard part.atoms.count > 1 else {
            quarantine(part, .exception(code), at: now)
            return []
        }
        return halve(part)
    }

    /// The controller refused a part for a reason that halving does not find: all of it is quarantined.
    mutating func quarantine(_ part: Part, _ quality: Quality, at now: Int64) {
        for index in part.atoms where atoms[index].refusal == nil {
            atoms[index].refusal = (quality, now + BlockParts.firstTest, BlockParts.firstTest)
        }
        for index in part.atoms { atoms[index].refusal?.quality = quality }
        trialsFoundBad = !trials.isEmpty
        arrange()
    }

    /// A part was met with silence, although its controller answers.
    ///
    /// - Returns: true when it will be asked for differently from now on.
    mutating func fellSilent(_ part: Part, at now: Int64) -> Bool {
        if part.atoms.count == 1, atoms[part.atoms.lowerBound].refusal != nil {
            // A test of what is left alone anyway.
            atoms[part.atoms.lowerBound].refusal?.quality = .timeout
            return false
        }
        let times = (silent?.part == part.atoms ? silent?.times ?? 0 : 0) + 1
        silent = (part.atoms, times)
        guard times >= BlockParts.silences else { return false }
        silent = nil
        if part.atoms.count > 1 { _ = halve(part) } else { quarantine(part, .timeout, at: now) }
        return true
    }

    /// All parts of a scan had their answers: what was tried out is either learned or not needed.
    mutating func settle(at now: Int64) -> [Lesson] {
        defer { longestAnswered = 0 }
        guard !trials.isEmpty else {
            unexplained = 0
            var lessons: [Lesson] = []
            if let doubted, longestAnswered > doubted {
                self.doubted = nil
                lessons = [.noLimit]
            }
            if now >= doubtAt { forget() }
            return lessons
        }
        let found = trials
        let foundBad = trialsFoundBad
        trials = []
        trialsFoundBad = false
        defer { arrange() }
        // The values at fault are out of the way now, so the others may come together again.
        if foundBad { return [] }
        unexplained += 1
        guard unexplained >= BlockParts.refusals else { return [] }
        unexplained = 0
        doubt(from: now)
        var lessons: [Lesson] = []
        for cut in found {
            let (end, start) = (atoms[cut - 1].places.upperBound, atoms[cut].places.lowerBound)
            if end < start, let range = range(end..<start) {
                cuts.insert(cut)
                lessons.append(.gap(range))
            } else if longestAnswered < limit {
                limit = longestAnswered
                lessons.append(.limit(longestAnswered))
            }
        }
        return lessons
    }

    /// Another block of the controller, or an earlier run, has found that it answers no more than this at once.
    mutating func learn(limit learned: Int, at now: Int64) {
        guard learned < limit else { return }
        limit = learned
        doubt(from: now)
        arrange()
    }

    /// What has been learned, `nil` while the configured limit holds.
    var learnedLimit: Int? { limit < configuredLimit ? limit : nil }

    private mutating func doubt(from now: Int64) {
        doubtAt = now + doubtWait
        doubtWait = min(doubtWait * 2, BlockParts.rarestDoubt)
    }

    private mutating func forget() {
        cuts = []
        doubted = learnedLimit
        limit = configuredLimit
        doubtAt = .max
        arrange()
    }

    // MARK: -

    /// Splits a part where most registers lie between two values, else in the middle. Of equal gaps it takes the one
    /// nearest to the middle: in a map that uses every other register the search would else go on one by one.
    private mutating func halve(_ part: Part) -> [Part] {
        let middle = (part.atoms.lowerBound + part.atoms.upperBound) / 2
        var best = middle
        var widest = 0
        for index in part.atoms.dropFirst() {
            let gap = atoms[index].places.lowerBound - atoms[index - 1].places.upperBound
            let isNearer = abs(index - middle) < abs(best - middle)
            if gap > widest || gap == widest && gap > 0 && isNearer { (best, widest) = (index, gap) }
        }
        trials.insert(best)
        arrange()
        return [part.atoms.lowerBound..<best, best..<part.atoms.upperBound].compactMap(self.part)
    }

    private mutating func arrange() {
        parts = []
        var open: Range<Int>?
        for index in atoms.indices {
            let isOut = atoms[index].refusal != nil
            if let run = open {
                let length = atoms[index].places.upperBound - atoms[run.lowerBound].places.lowerBound
                if isOut || cuts.contains(index) || trials.contains(index) || length > limit {
                    if let part = part(run) { parts.append(part) }
                    open = nil
                }
            }
            if !isOut { open = (open?.lowerBound ?? index)..<index + 1 }
        }
        if let run = open, let part = part(run) { parts.append(part) }
    }

    private func part(_ run: Range<Int>) -> Part? {
        guard let range = range(atoms[run.lowerBound].places.lowerBound..<atoms[run.upperBound - 1].places.upperBound),
            let request = ReadRequest(unit: unit, range: range)
        else { return nil }
        return Part(atoms: run, request: request)
    }

    private func range(_ places: Range<Int>) -> RegisterRange? {
        RegisterRange(table: table, start: places.lowerBound, count: places.count)
    }
}
