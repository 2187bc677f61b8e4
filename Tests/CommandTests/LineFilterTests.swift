import Plant
import Testing

@testable import cupel

@Suite struct LineFilterTests {
    private static let high =
        "{\"what\":\"raise\",\"seq\":1,\"id\":\"hot:F-01.melt_temp\",\"tag\":\"F-01.melt_temp\",\"priority\":\"high\"}"
    private static let daemon = "{\"what\":\"started\",\"seq\":2,\"id\":\"cupel\"}"

    @Test(
        arguments: [
            (high, nil, [], true), (high, "high", [], true), (high, "critical", [], false), (daemon, nil, [], true),
            (daemon, "low", [], false), (high, nil, ["F-*.melt_temp"], true), (high, nil, ["hot"], true),
            (high, nil, ["hot:*"], true), (high, nil, ["F-02.*"], false), (high, nil, ["F-02.*", "*temp"], true),
            (daemon, nil, ["F-*"], false), (daemon, nil, ["cupel"], true), (high, "critical", ["hot"], false),
        ] as [(String, String?, [String], Bool)])
    func picks(line: String, priority: String?, patterns: [String], wanted: Bool) throws {
        let filter = LineFilter(
            minPriority: priority.flatMap(Priority.init(rawValue:)), patterns: patterns.map(NamePattern.init))
        #expect(filter.wants(try #require(LineHead(line))) == wanted)
    }

    private static func end(_ what: String, _ priority: String, top: String?) -> String {
        let top = top.map { ",\"top_priority\":\"\($0)\"" } ?? ""
        return "{\"what\":\"\(what)\",\"seq\":1,\"id\":\"a:T\",\"tag\":\"T\",\"priority\":\"\(priority)\"\(top)}"
    }

    /// Whoever was told that an alarm came is told that it went.
    @Test(
        arguments: [
            (end("level-down", "medium", top: "critical"), "critical", true),
            (end("clear", "medium", top: "critical"), "critical", true),
            (end("clear", "medium", top: nil), "high", false), (end("clear", "low", top: "medium"), "high", false),
            (end("raise", "critical", top: nil), "critical", true),
        ])
    func anEndGoesByTheWorstThatItWas(line: String, priority: String, wanted: Bool) throws {
        let filter = LineFilter(minPriority: Priority(rawValue: priority))
        #expect(filter.wants(try #require(LineHead(line))) == wanted)
    }

    private static func told(_ rest: String) -> String {
        "{\"what\":\"raise\",\"seq\":1,\"id\":\"a:T\",\"priority\":\"high\",\"annunciated\":true\(rest)}"
    }

    @Test(
        arguments: [
            (told(",\"tag\":\"T\",\"state\":\"UNACK\""), [], true),
            (told(",\"tag\":\"T\",\"state\":\"UNACK\",\"told\":\"single\""), [], true),
            (told(",\"tag\":\"T\",\"state\":\"UNACK\",\"told\":\"digest\""), [], false),
            (told(",\"tag\":\"T\",\"state\":\"UNACK\",\"only_to\":[\"pager\"]"), [], false),
            (end("clear", "high", top: nil), [], false),
            ("{\"what\":\"snapshot\",\"seq\":0,\"id\":\"a:T\",\"tag\":\"T\"}", [], true),
            (told(",\"tag\":\"T\",\"state\":\"UNACK\""), ["X"], false),
            // For all alarms, and so for these.
            (told(""), ["X"], true), (told(",\"state\":\"UNACK\""), ["X"], false),
        ])
    func announcementsAreWhatCallsAnOperator(line: String, patterns: [String], wanted: Bool) throws {
        let filter = LineFilter(patterns: patterns.map(NamePattern.init), announcementsOnly: true)
        #expect(filter.wants(try #require(LineHead(line))) == wanted)
    }
}
