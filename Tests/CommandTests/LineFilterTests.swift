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
}
