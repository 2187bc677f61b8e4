/// How far the facts of a register map can be trusted.
public enum ProfileGrade: String, Sendable, Hashable, CaseIterable {
    /// A vendor's manual.
    case manual = "A"
    /// A public driver's code.
    case driver = "B"
    /// A third party's list.
    case list = "C"
    /// Designed here, to be agreed with whoever programs the controller.
    case own = "D"
}

/// Where a register map in use comes from.
public struct ProfileSummary: Sendable, Hashable {
    /// The name of its file, without the folder and `.yaml`.
    public let name: String
    public let model: String?
    /// Manuals and drivers, with their version and page.
    public let sources: [String]
    public let grade: ProfileGrade?

    public init(name: String, model: String?, sources: [String], grade: ProfileGrade?) {
        (self.name, self.model, self.sources, self.grade) = (name, model, sources, grade)
    }
}
