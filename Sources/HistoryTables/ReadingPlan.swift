/// How a cursor over `reading` will go: decided when a statement is prepared, and carried in one integer.
struct ReadingPlan: Hashable {
    /// What the first argument says about the tag.
    enum TagRule: Int32 {
        case any, equal, list, glob, like
    }

    /// In what order the rows come.
    enum Walk: Int32 {
        /// Tag after tag, in the order of their names or against it.
        case byTag, byTagDescending
        /// All tags together, in the order of time.
        case byTime
    }

    var tags: TagRule = .any
    var walk: Walk = .byTag
    /// Backwards through time.
    var isDescending = false
    /// The arguments after the tag's, in this order.
    var lower: TimeRange.Comparison?
    var upper: TimeRange.Comparison?

    init() {}

    init(number: Int32) {
        tags = TagRule(rawValue: number & 7) ?? .any
        walk = Walk(rawValue: number >> 3 & 3) ?? .byTag
        isDescending = number >> 5 & 1 != 0
        lower = TimeRange.Comparison(rawValue: number >> 6 & 7)
        upper = TimeRange.Comparison(rawValue: number >> 9 & 7)
    }

    var number: Int32 {
        tags.rawValue | walk.rawValue << 3 | (isDescending ? 1 : 0) << 5 | (lower?.rawValue ?? 0) << 6
            | (upper?.rawValue ?? 0) << 9
    }
}
