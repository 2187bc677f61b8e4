import Modbus
import Plant

/// A computed tag is explained by its inputs and calculated again, by the rules of the watch.
extension ReadingExplanation {
    init(
        of tag: Tag, _ formula: Formula, in plant: Plant, at utc: Int64, exchanges: (Controller.ID) -> [Exchange]
    ) throws(ExplanationFault) {
        let group = plant.groups[tag.group]
        let scan = ComputedScan(group, in: plant, at: utc, among: exchanges(group.controller))
        var inputs: [ReadingExplanation] = []
        for id in formula.inputs {
            let input = plant.tags[id]
            let isOfScan = input.group == tag.group
            inputs.append(
                try ReadingExplanation(
                    reading: input, in: plant, at: isOfScan ? scan.start : scan.end, as: isOfScan ? .scan : .use,
                    exchanges(input.controller)))
        }
        let controller = plant.controllers[tag.controller]
        self.init(
            tag: tag.name, place: tag.placeText, controller: controller.name, unit: Int(controller.unit),
            steps: ["computed from the values of \(inputs.map(\.tag).joined(separator: ", "))"],
            quality: "", inputs: inputs)
        let values = Dictionary(zip(formula.inputs, inputs.map(\.value)), uniquingKeysWith: { first, _ in first })
        calculate(tag, formula, values, plant)
        steps += tag.unjudged(in: plant)
    }

    /// The worst input decides, else the result, as `Watch` has it.
    private mutating func calculate(
        _ tag: Tag, _ formula: Formula, _ values: [Tag.ID: Double?], _ plant: Plant
    ) {
        let good = Quality.good.name
        let bad = inputs.first { Quality(name: $0.quality)?.isBad ?? true }
        if let bad {
            quality = bad.quality
            steps.append("no result: \(bad.tag) is \(bad.quality)")
            return
        }
        let doubtful = inputs.first { $0.quality != good }
        quality = doubtful?.quality ?? good
        let unit = tag.unit.map { " \($0)" } ?? ""
        var result = formula.value { (values[$0] ?? nil) ?? .nan }
        steps.append("formula \(formula.text)")
        steps += formula.inputs.map { id in
            let unit = plant.tags[id].unit.map { " \($0)" } ?? ""
            return "with \(plant.tags[id].name) = \(Tag.shown((values[id] ?? nil) ?? .nan))\(unit)"
        }
        steps.append("result \(Tag.shown(result))\(unit)")
        if let doubtful { steps.append("\(quality): \(doubtful.tag) is") }
        guard result.isFinite else {
            quality = Quality.undefined.name
            steps.append("\(quality): found \(Tag.shown(result)), expected a finite number")
            return
        }
        if let range = tag.range, !range.contains(result) {
            let rule = "found \(Tag.shown(result))\(unit), expected \(tag.rangeText)"
            guard tag.rules.clamps else {
                quality = Quality.outOfRange.name
                steps.append("\(quality): \(rule)")
                return
            }
            result = result < range.lowerBound ? range.lowerBound : range.upperBound
            steps.append("pinned to \(Tag.shown(result))\(unit)")
            if quality == good { quality = Quality.clamped.name }
            steps.append("\(Quality.clamped): \(rule)")
        }
        value = result
    }
}

/// When the scan of a computed tag began and when its last reply came, in UTC nanoseconds since 1970.
///
/// All inputs of its group are then of one scan, also when a person named a time between two of its requests.
private struct ComputedScan {
    var start: Int64
    var end: Int64

    init(_ group: ScanGroup, in plant: Plant, at utc: Int64, among all: [Exchange]) {
        (start, end) = (utc, utc)
        let read = group.tags.map { plant.tags[$0] }.filter { $0.registers != nil }
        guard let first = read.first, let last = read.last else { return }
        if let source = ReadingSource(first, in: plant, at: utc, as: .scan, among: all), !source.isRefusedSince {
            start = source.exchange.request.utc
        }
        if let source = ReadingSource(last, in: plant, at: start, as: .scan, among: all), !source.isRefusedSince {
            let timeout = plant.controllers[group.controller].timeout.nanoseconds
            end = source.exchange.reply?.utc ?? source.exchange.request.utc + timeout
        }
        end = max(start, end)
    }
}
