/// The last three raises of one alarm, and whether they are a run of chatter: three within the window.
struct RaiseRun: Sendable {
    private var times: [Int64] = []
    private var marks: [Bool] = []

    /// One more raise. `marked` is how many of the last three now belong to a run and did not before; `begins` is true
    /// when none of them did.
    mutating func raise(_ time: Int64, within window: Int64) -> (marked: Int, begins: Bool) {
        times.append(time)
        marks.append(false)
        if times.count > 3 {
            times.removeFirst()
            marks.removeFirst()
        }
        guard times.count == 3, let first = times.first, time - first <= window else { return (0, false) }
        let marked = marks.count { !$0 }
        let begins = marked == 3
        marks = [true, true, true]
        return (marked, begins)
    }

    /// Marks the newest for another reason; true when it was not marked.
    mutating func markLast() -> Bool {
        guard marks.last == false else { return false }
        marks[marks.count - 1] = true
        return true
    }
}
