public import Archive
public import Plant

/// Readings in a file, `time,tag,value,quality`, ascending in time.
///
/// Times are ISO 8601 or UTC milliseconds. A value is a number in engineering units, `true` or `false`, the name of a
/// state, or text; it is empty when the quality is bad. Qualities go by their names, `good`, `bad:timeout`; an empty one
/// is good. The readings of one time and one scan group are a scan; one whose readings all say that the link was down
/// is a lost one.
public struct ReadingsFile: ReplaySource {
    static let columns = ["time", "tag", "value", "quality"]

    private let path: String
    private let plant: Plant
    private let watched: Set<Tag.ID>
    private let ignoresUnknown: Bool

    /// - Parameters:
    ///   - tags: those that matter; readings of other tags of the plant are checked and left out.
    ///   - ignoresUnknown: passes over tags that the plant does not have, instead of failing.
    public init(path: String, plant: Plant, tags: [Tag], ignoresUnknown: Bool = false) {
        (self.path, self.plant, self.ignoresUnknown) = (path, plant, ignoresUnknown)
        watched = Set(tags.map(\.id))
    }

    public func scans(_ body: (borrowing RecordedScan) throws -> Void) throws {
        var file = try CSVReader(path: path)
        try file.header(ReadingsFile.columns)
        var now: Int64?
        // Of one time, by group, in the order of their first readings.
        var open: [Gathered] = []
        while let fields = try file.next(fields: ReadingsFile.columns.count) {
            guard let time = TimeStamp.milliseconds(fields[0]) else {
                throw file.problem("found the time \(quoted(fields[0])), expected ISO 8601 or UTC milliseconds")
            }
            if let before = now, time < before {
                throw file.problem(
                    "found \(UTCTime.text(time)) after \(UTCTime.text(before)), expected the readings in order of time")
            }
            if now != time {
                for gathered in open { try body(gathered.scan(in: plant, watched)) }
                open.removeAll(keepingCapacity: true)
                now = time
            }
            guard let tag = plant.tag(named: fields[1]) else {
                if ignoresUnknown { continue }
                throw file.problem(
                    "found the tag \(quoted(fields[1])), expected one of the configuration (--ignore-unknown passes "
                        + "over others)")
            }
            let (reading, text) = try reading(of: tag, fields, in: file)
            let place = open.firstIndex { $0.group == tag.group } ?? open.endIndex
            if place == open.endIndex { open.append(Gathered(time: time, group: tag.group)) }
            open[place].readings.append(reading)
            if let text { open[place].texts[tag.id] = text }
        }
        for gathered in open { try body(gathered.scan(in: plant, watched)) }
    }

    private func reading(
        of tag: Tag, _ fields: [String], in file: borrowing CSVReader
    ) throws(FileProblem) -> (RecordedReading, String?) {
        guard let quality = fields[3].isEmpty ? .good : Quality(name: fields[3]) else {
            throw file.problem("found the quality \(quoted(fields[3])), expected a name such as good or bad:timeout")
        }
        guard !quality.isBad else { return (RecordedReading(tag: tag.id, quality: quality, bits: 0, value: .nan), nil) }
        if tag.type.isString {
            let bits = UInt64(fields[2].utf8.count)
            return (RecordedReading(tag: tag.id, quality: quality, bits: bits, value: .nan), fields[2])
        }
        guard let value = tag.value(named: fields[2]) else {
            let expected = tag.states.isEmpty ? "a number, true or false" : "a number or the name of a state"
            throw file.problem("found the value \(quoted(fields[2])) of \(tag.name), expected \(expected)")
        }
        return (RecordedReading(tag: tag.id, quality: quality, bits: tag.bits(of: value), value: value), nil)
    }
}

/// The readings of a scan so far.
private struct Gathered {
    let time: Int64
    let group: ScanGroup.ID
    var readings: [RecordedReading] = []
    var texts: [Tag.ID: String] = [:]

    func scan(in plant: Plant, _ watched: Set<Tag.ID>) -> RecordedScan {
        let group = plant.groups[group]
        let first = readings.first?.quality ?? .good
        let isLost = first.isLink && readings.allSatisfy { $0.quality == first }
        return RecordedScan(
            time: time, group: group.name, layout: Int64(group.id), loss: isLost ? first : .good,
            tags: group.tags.filter(watched.contains),
            readings: isLost ? [] : readings.filter { watched.contains($0.tag) }, texts: texts)
    }
}

extension Quality {
    /// The controller could not be asked, or did not answer.
    fileprivate var isLink: Bool { (Quality.timeout.rawValue...Quality.localFault.rawValue).contains(rawValue) }
}

extension Tag {
    /// The engineering value of a number, a truth or a state's name.
    fileprivate func value(named text: String) -> Double? {
        if let state = states.first(where: { $0.value == text }) { return Double(state.key) }
        switch text {
        case "true": return 1
        case "false": return 0
        default: return Double(text).flatMap { $0.isFinite ? $0 : nil }
        }
    }

    /// The raw bits that mean a value, as near as the type can.
    fileprivate func bits(of value: Double) -> UInt64 {
        let raw = isUnscaled ? value : (value - offset) / scale
        switch type {
        case .float32: return UInt64(Float(raw).bitPattern)
        case .float64: return raw.bitPattern
        case .string: return 0
        case .bool, .int16, .uint16, .int32, .uint32, .int64, .uint64, .bcd16, .bcd32, .signmag16, .signmag32:
            let whole = raw.rounded()
            return Int64(exactly: whole).map(UInt64.init(bitPattern:)) ?? UInt64(exactly: whole) ?? 0
        }
    }
}

func quoted(_ text: String) -> String { "\"\(text)\"" }
