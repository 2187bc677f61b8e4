import Archive
import ArgumentParser
import Historian
import Plant

struct Tail: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints the newest readings, and then each new one as the daemon keeps it.",
        discussion: """
            New readings come with each of the daemon's commits, once a second if not configured otherwise. Ctrl-C, or a \
            reader that closes its pipe, ends it. While the daemon is stopped it waits.
            """)

    @OptionGroup var history: HistoryOptions
    @OptionGroup var clocks: ClockOptions
    @Option(name: .customShort("n"), help: "So many readings first, of all tags together.") var lines = 10
    @OptionGroup var output: RowOptions
    @Argument(help: "Tags, patterns or /expressions/.") var tags: [String]

    /// Looks without a new reading after which the history is opened anew: its file may be another one, after a restore,
    /// and a history that was read as a closed file never changes.
    static let patience = 10

    func validate() throws {
        if lines < 0 || lines > TailReader<HistoryReader>.mostLines {
            throw ValidationError("-n: found \(lines), expected 0 to \(TailReader<HistoryReader>.mostLines)")
        }
    }

    func run() throws {
        let opened = try history.look()
        let clock = clocks.clock(opened)
        var tail = TailReader(source: opened.reader, tags: try history.tags(tags, in: opened.reader))
        let printer = RowPrinter(
            output.chosen, [.time, .tag, .number("value"), .unit, .quality], times: clocks.times(clock))
        Interruption.begin()
        defer { printer.end() }
        func show(_ readings: [TailReader<HistoryReader>.Reading]) throws {
            for reading in readings {
                if Interruption.isRequested { return }
                printer.row(reading.tag.cells(reading.reading))
            }
            printer.flush()
        }
        try show(history.explaining { try tail.newest(lines) })
        var quiet = 0
        while Output.isWanted(for: Tail.pause(opened.commitEvery)), !Interruption.isRequested {
            let new = try history.explaining { try tail.next() }
            try show(new)
            quiet = new.isEmpty ? quiet + 1 : 0
            if quiet == Tail.patience {
                quiet = 0
                let reader = try history.open()
                tail.goOn(with: reader, try history.tags(tags, in: reader))
            }
        }
        if Interruption.isRequested { throw ExitCode.interrupted }
    }

    /// Milliseconds between two looks: as often as the daemon commits, and not in a loop where that is very often.
    private static func pause(_ commitEvery: Duration) -> Int {
        let parts = commitEvery.components
        return max(100, Int(parts.seconds) * 1000 + Int(parts.attoseconds / 1_000_000_000_000_000))
    }
}

/// Follows tags through a history that grows.
struct TailReader<Source: QuerySource> {
    typealias Reading = (tag: StoredTag, reading: StoredReading)

    /// More is a query.
    static var mostLines: Int { 100_000 }

    private var source: Source
    private var tags: [StoredTag]
    /// By the tag's name, the time of the newest reading that was handed over, UTC milliseconds.
    private var seen: [String: Int64] = [:]

    init(source: Source, tags: [StoredTag]) { (self.source, self.tags) = (source, tags) }

    /// The newest readings of all tags together, oldest first. What follows goes on behind them.
    mutating func newest(_ lines: Int) throws -> [Reading] {
        var found: [Reading] = []
        for tag in tags {
            var count = 0
            do {
                try source.readings(of: tag, from: .min, to: .max, .descending) { reading in
                    if count == 0 { seen[tag.name] = reading.time }
                    guard count < lines else { throw Enough() }
                    count += 1
                    found.append((tag, reading))
                }
            } catch is Enough {}
            if seen[tag.name] == nil { seen[tag.name] = .min }
            // A thousand tags do not keep a thousand times as many.
            if found.count > 2 * lines { found = ordered(found).suffix(lines) }
        }
        return Array(ordered(found).suffix(lines))
    }

    /// What came since, oldest first. A reading that was imported, or taken after the clock was set back, lies before
    /// what was handed over, and is not new.
    mutating func next() throws -> [Reading] {
        var found: [Reading] = []
        for tag in tags {
            guard let last = seen[tag.name] else { continue }
            try source.readings(of: tag, from: last == .min ? .min : last + 1, to: .max, .ascending) { reading in
                seen[tag.name] = reading.time
                found.append((tag, reading))
            }
        }
        return ordered(found)
    }

    /// The same history in another file, or with other tags: known ones go on where they were, others begin.
    mutating func goOn(with source: Source, _ tags: [StoredTag]) {
        (self.source, self.tags) = (source, tags)
        for tag in tags where seen[tag.name] == nil { seen[tag.name] = .min }
    }

    /// By time, then in the order of the tags.
    private func ordered(_ readings: [Reading]) -> [Reading] {
        let places = Dictionary(tags.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        return readings.enumerated().sorted { a, b in
            (a.element.reading.time, places[a.element.tag.name] ?? 0, a.offset)
                < (b.element.reading.time, places[b.element.tag.name] ?? 0, b.offset)
        }.map(\.element)
    }
}
