import Plant

extension ScanPlan: CustomStringConvertible {
    /// The plan for a person: per controller and group what is asked, and whether there is time for it.
    public var description: String {
        var text = ""
        for line in lines {
            let busy = line.groups.map { share($0) }.reduce(0, +)
            let places = line.endpoints.map(\.description).joined(separator: ", else ")
            text += "line \(places): \(line.controllers.count) controllers, estimated load \(percent(busy))"
            text +=
                busy > ScanPlan.loadLimit ? " WARNING: over \(percent(ScanPlan.loadLimit)), scans will be late\n" : "\n"
            for group in line.groups { text += describe(group) }
        }
        let requests = lines.flatMap(\.groups).map(\.requests.count).reduce(0, +)
        text +=
            "\(plant.controllers.count) controllers on \(lines.count) lines, \(plant.tagCount) tags, \(requests) requests"
        text += "; a round trip is taken as \(milliseconds(ScanPlan.assumedRoundTrip)) until it is measured\n"
        return text
    }

    private func describe(_ group: GroupPlan) -> String {
        let controller = plant.controllers[group.controller]
        let read = group.requests.map(\.range.count).reduce(0, +)
        let used = group.requests.map(\.used).reduce(0, +)
        let computed = plant.groups[group.group].tags.filter { plant.tags[$0].formula != nil }
        var text = "  \(plant.groups[group.group].name): unit \(controller.unit), every \(milliseconds(group.period))"
        text += ", \(group.requests.count) requests, \(read) items read, \(used) used"
        if controller.pacing.maxInFlight > 1 { text += ", \(controller.pacing.maxInFlight) on their way at once" }
        if controller.pacing.pause > .zero { text += ", \(milliseconds(controller.pacing.pause)) between them" }
        text += ", estimated pass \(milliseconds(pass(group))) = \(percent(share(group))) of the period\n"
        for request in group.requests {
            text += "    read \(request.range), \(request.range.count) items for \(request.tags.count) tags\n"
        }
        for tag in computed { text += "    compute \(plant.tags[tag].name) \(plant.tags[tag].placeText)\n" }
        return text
    }

    /// How long a scan of a group should take: its round trips, as many at once as its controller takes, and the
    /// pauses between them.
    func pass(_ group: GroupPlan) -> Duration {
        let pacing = plant.controllers[group.controller].pacing
        let turns = (group.requests.count + pacing.maxInFlight - 1) / pacing.maxInFlight
        return ScanPlan.assumedRoundTrip * turns + pacing.pause * max(0, group.requests.count - 1)
    }

    private func share(_ group: GroupPlan) -> Double {
        Double(pass(group).nanoseconds) / Double(max(1, group.period.nanoseconds))
    }

    private func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
    private func milliseconds(_ duration: Duration) -> String { "\(duration.milliseconds) ms" }
}
