/// Where a test may look at the files, or make the work fail: before and after each statement that seals or sweeps, and
/// between the transactions. A process can die at each of them.
///
/// Production has none: the value is `nil` there, and no environment variable can bring one.
final class FaultPoints {
    private(set) var reached = 0
    private let visit: (Int, String) throws -> Void

    /// - Parameter visit: called with the number of the point, which counts up, and its name. What it throws ends the
    ///   work there.
    init(_ visit: @escaping (_ number: Int, _ name: String) throws -> Void) { self.visit = visit }

    func reach(_ name: String) throws {
        defer { reached += 1 }
        try visit(reached, name)
    }
}
