import Plant

extension ScanPlan: CustomStringConvertible {
    /// The plan for a person: per controller and group what is asked, and whether there is time for it.
    public var description: String {
        var text = ""
        for line in lines {
            let busy = line.groups.map { share($0) }.reduce(0, +)
            text += "line \(line.endpoint): \(line.controllers.count) controllers, estimated load \(percent(busy))"
            text +=
                busy > ScanPlan.loadLimit ? " WARNING: over \(percent(ScanPlan.loadLimit)), scans will be late\n" : "\n"
            for group in line.groups {
                let controller = plant.controllers[group.controller]
                let read = group.requests.map(\.range.count).reduce(0, +)
                let used = group.requests.map(\.used).reduce(0, +)
                text +=
                    "  \(plant.groups[group.group].name): unit \(controller.unit), every \(milliseconds(group.period))"
                text += ", \(group.requests.count) requests, \(read) items read, \(used) used"
                text += ", estimated pass \(milliseconds(pass(group))) = \(percent(share(group))) of the period\n"
                for request in group.requests {
                    text += "    read \(request.range), \(request.range.count) items for \(request.tags.count) tags\n"
                }
            }
        }
        let tags = plant.tags.count
        let requests = lines.flatMap(\.groups).map(\.requests.count).reduce(0, +)
        text += "\(plant.controllers.count) controllers on \(lines.count) lines, \(tags) tags, \(requests) requests"
        text += "; a round trip is taken as \(milliseconds(ScanPlan.assumedRoundTrip)) until it is measured\n"
        return text
    }

    func pass(_ group: GroupPlan) -> Duration { ScanPlan.assumedRoundTrip * group.requests.count }

    private func share(_ group: GroupPlan) -> Double {
        Double(pass(group).nanoseconds) / Double(max(1, group.period.nanoseconds))
    }

    private func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
    private func milliseconds(_ duration: Duration) -> String { "\(duration.milliseconds) ms" }
}
