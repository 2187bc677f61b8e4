import Plant
import Testing

@testable import Detection

@Suite struct LimitSelectionTests {
    private static let phase = 7
    private static let source = ProductSource.tag(8)

    private static func limits(_ high: Double, _ highHigh: Double? = nil, _ priority: Priority = .high) -> [AlarmLimit]
    {
        [AlarmLimit(level: .high, limit: high, priority: priority)]
            + (highHigh.map { [AlarmLimit(level: .highHigh, limit: $0, priority: .critical)] } ?? [])
    }

    private static let rows = [
        LimitSet(name: "NdPr/soak", product: "NdPr", phases: [3, 4], limits: limits(1500, 1560)),
        LimitSet(name: "idle", phases: [0], limits: []),
        LimitSet(name: "Dy", product: "Dy", limits: limits(1450)),
        LimitSet(name: "other", limits: limits(1600)),
    ]

    private static func set(_ product: String?, _ phase: Double?, above: Bool = true) -> LimitSet? {
        let levels = Levels(isAbove: above, sets: rows, product: source, phase: Self.phase)
        var world = World()
        world.products[source] = product
        if let phase { world.set(Self.phase, phase, at: 0) }
        return levels.limits(world)
    }

    @Test(
        arguments: [
            ("NdPr", 3, "NdPr/soak"), ("NdPr", 4, "NdPr/soak"), ("NdPr", 2, "other"), ("Dy", 3, "Dy"),
            ("NdPr", 0, "idle"), ("Dy", 0, "idle"), ("La", 1, "other"),
        ] as [(String, Double, String)])
    func `the first row that matches counts`(product: String, phase: Double, row: String) {
        #expect(Self.set(product, phase)?.name == row)
    }

    @Test(
        arguments: [
            ("NdPr", nil, [1500, 1560], "strictest, phase unknown"),
            ("Dy", nil, [1450], "strictest, phase unknown"),
            (nil, 3, [1450, 1560], "strictest, product unknown"),
            (nil, nil, [1450, 1560], "strictest, product and phase unknown"),
            // Whatever is made, nothing is watched when the furnace is idle.
            (nil, 0, [], "idle"),
        ] as [(String?, Double?, [Double], String)])
    func `of the rows that may match the strictest limit of each level counts`(
        product: String?, phase: Double?, limits: [Double], name: String
    ) {
        let set = Self.set(product, phase)
        #expect(set?.limits.map(\.limit) == limits)
        #expect(set?.name == name)
    }

    @Test func `the strictest low limit is the highest`() {
        let rows = [(1, 10), (2, 30), (3, 20)].map { (phase: Double, limit: Double) in
            LimitSet(phases: [phase], limits: [AlarmLimit(level: .low, limit: limit, priority: .low)])
        }
        let levels = Levels(isAbove: false, sets: rows, phase: Self.phase)
        #expect(levels.limits(World())?.limits.map(\.limit) == [30])
    }

    @Test func `of two equal limits the more urgent counts`() {
        let rows = [Priority.low, .critical, .high].enumerated().map { index, priority in
            LimitSet(phases: [Double(index)], limits: Self.limits(10, nil, priority))
        }
        let levels = Levels(isAbove: true, sets: rows, phase: Self.phase)
        #expect(levels.limits(World())?.limits.map(\.priority) == [.critical])
    }

    @Test func `a phase that is not good is not known`() {
        let levels = Levels(isAbove: true, sets: Self.rows, product: .fixed("NdPr"), phase: Self.phase)
        var world = World(products: [.fixed("NdPr"): "NdPr"])
        world.set(Self.phase, 2, at: 0)
        #expect(levels.limits(world)?.name == "other")
        world.set(Self.phase, 2, at: 0, .timeout)
        #expect(levels.limits(world)?.name == "strictest, phase unknown")
    }

    @Test func `the finding names its limits, and nothing is watched without any`() {
        let levels = Levels(isAbove: true, sets: Self.rows, product: Self.source, phase: Self.phase)
        var trial = Trial(.levels(levels))
        trial.world.products[Self.source] = "NdPr"
        trial.world.set(Self.phase, 3, at: 0)
        #expect(trial.take(0, 1500) == Finding(.high, limit: 1500, priority: .high, detail: "limits NdPr/soak"))
        trial.world.set(Self.phase, 0, at: 0)
        #expect(trial.take(1, 1500) == .unwatched)
    }

    @Test func `no row for this is nothing watched`() {
        let row = LimitSet(name: "soak", phases: [3], limits: Self.limits(10))
        var trial = Trial(.levels(Levels(isAbove: true, sets: [row], phase: Self.phase)))
        trial.world.set(Self.phase, 2, at: 0)
        let finding = trial.take(0, 20)
        #expect(finding == .unwatched && !finding.isWatched && finding.detail != nil)
    }
}
