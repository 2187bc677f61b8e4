import Testing

@testable import Daemon

@Suite struct AlarmSnapshotTests {
    @Test(
        arguments: [
            (true, 1_767_434_400_000, "stands since 2026-01-03T10:00:00.000Z"),
            (false, 1_767_434_400_000, "is gone, it stood since 2026-01-03T10:00:00.000Z"),
            (true, nil, "stands, hidden since it began"), (false, nil, "is hidden and does not stand"),
        ] as [(Bool, Int64?, String)])
    func itSaysSinceWhenWhereThatIsKnown(stands: Bool, raised: Int64?, words: String) {
        #expect(AlarmSnapshot.words(stands, since: raised) == words)
    }
}
