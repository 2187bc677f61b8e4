import Plant

/// The profiles beside `cupel.yaml` and those that are installed, each read once however many controllers name it.
final class ProfileShelf {
    /// The plant's own come first: a device that differs from its manual takes a changed copy.
    private let folders: [String]
    private let findings: Findings
    private var profiles: [String: Profile] = [:]
    /// In the order they were read.
    private(set) var files: [String] = []
    private(set) var summaries: [ProfileSummary] = []

    init(folders: [String], findings: Findings) {
        (self.folders, self.findings) = (folders, findings)
    }

    /// The profile a controller names.
    func profile(_ value: Value) -> Profile {
        guard let name = value.text("the name of a profile", as: checkedName) else { return .unreadable }
        if let known = profiles[name] { return known }
        guard let folder = folders.first(where: { filesInFolder($0).contains("\(name).yaml") }) else {
            let available = Set(folders.flatMap(filesInFolder).filter { $0.hasSuffix(".yaml") }.map { $0.dropLast(5) })
            value.reject(
                expected: available.isEmpty
                    ? "a profile in \(folders[0]), which has none"
                    : findings.choice(of: available.map(String.init).sorted(), near: name))
            return .unreadable
        }
        let file = "\(folder)/\(name).yaml"
        let document = Document(file: file, findings: findings)
        files.append(file)
        let profile = document.value(label: name).map { Profile($0) }
        profiles[name] = profile ?? .unreadable
        if let profile {
            summaries.append(
                ProfileSummary(
                    name: name, model: profile.model, sources: profile.sources, grade: profile.grade))
        }
        return profile ?? .unreadable
    }
}
