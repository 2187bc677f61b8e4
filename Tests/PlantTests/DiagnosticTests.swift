import Plant
import struct Plant.Tag
import Testing

@Suite struct DiagnosticTests {
    private let gateway = [Endpoint(host: "10.0.0.1", port: 502)]

    private func controllers() -> [Controller] {
        [
            Controller(id: 0, name: "A", endpoints: gateway, unit: 1),
            Controller(id: 1, name: "B", endpoints: gateway, unit: 2),
            Controller(id: 2, name: "C", endpoints: [Endpoint(host: "10.0.0.2", port: 502)], unit: 1),
        ]
    }

    @Test func everyLineUnitAndGroupHasItsFigures() {
        var groups = controllers().map {
            ScanGroup(
                id: $0.id, controller: $0.id, scan: "fast", name: "\($0.name)/fast", period: .seconds(1), tags: [])
        }
        var tags: [Tag] = []
        Diagnostics.add(of: controllers(), groups: &groups, tags: &tags)
        #expect(groups.map(\.name).prefix(3) == ["A/fast", "B/fast", "C/fast"], "what is read keeps its numbers")
        #expect(
            groups.dropFirst(3).map(\.name) == [
                "@line/A", "@unit/A", "@group/A/fast", "@unit/B", "@group/B/fast", "@line/C", "@unit/C",
                "@group/C/fast",
            ], "two controllers behind one gateway are one line")
        #expect(groups.map(\.id) == Array(0..<11) && tags.map(\.id) == Array(tags.indices))
        for group in groups.dropFirst(3) {
            #expect(group.period == Diagnostics.period)
            #expect(group.tags.map { tags[$0].slot } == Array(group.tags.indices))
            #expect(group.tags.allSatisfy { tags[$0].group == group.id && tags[$0].registers == nil })
            #expect(group.tags.map { tags[$0].diagnostic } == group.diagnoses?.figures)
        }
        #expect(tags.contains { $0.name == "@line/A.rtt_p99_ms" && $0.unit == "ms" })
        #expect(tags.contains { $0.name == "@group/C/fast.overload_pct" })
    }

    @Test func aPatternForThePlantLeavesCupelsOwnFiguresAlone() {
        #expect(!NamePattern("*").matches("@line/A.ok"))
        #expect(!NamePattern("*.ok").matches("@line/A.ok"))
        #expect(NamePattern("@line/*.ok").matches("@line/A.ok"))
        #expect(NamePattern("@*").matches("@line/A.ok"))
    }
}
