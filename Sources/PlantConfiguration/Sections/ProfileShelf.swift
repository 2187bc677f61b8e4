import Plant

/// The profiles beside `cupel.yaml`, each read once however many controllers name it.
final class ProfileShelf {
    private let folder: String
    private let findings: Findings
    private var profiles: [String: Profile] = [:]
    /// In the order they were read.
    private(set) var files: [String] = []
    private(set) var summaries: [ProfileSummary] = []

    init(folder: String, findings: Findings) {
        (self.folder, self.findings) = (folder, findings)
    }

    /// The profile a controller names.
    func profile(_ value: Value) -> Profile {
        guard let name = value.text("the name of a profile", as: checkedName) else { return .unreadable }
        if let known = profiles[name] { return known }
        let available = filesInFolder(folder).filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }
        guard available.contains(name) else {
            value.reject(
                expected: available.isEmpty
                    ? "a profile in \(folder), which has none" : findings.choice(of: available, near: name))
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
