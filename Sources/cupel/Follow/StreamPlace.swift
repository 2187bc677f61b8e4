/// How far a follower came: an event's number, and the run of the daemon that made it.
///
/// The number alone is not enough: a journal that was put back from a copy gives its numbers out again.
struct StreamPlace: Hashable {
    var sequence: Int64
    /// `nil` where it is not known: then the number has to do.
    var boot: String?
}
