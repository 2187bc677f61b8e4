/// What counts as what. The defaults are those of the specification's table of figures.
public struct PerformanceRules: Hashable, Sendable {
    /// A flood begins with so many annunciations within the window (ISA-18.2: 10 in 10 minutes)…
    public var floodStarts = 10
    /// …and ends with fewer than this (practice).
    public var floodEnds = 5
    public var floodWindow: Duration = .seconds(600)
    /// Three raises that span no more than this are chatter (practice).
    public var chatterWindow: Duration = .seconds(60)
    /// Gone sooner than this is gone before anybody could act (practice).
    public var fleeting: Duration = .seconds(10)
    /// Active for longer than this is part of the furniture (ISA-18.2).
    public var standing: Duration = .seconds(86_400)

    public init() {}
}
