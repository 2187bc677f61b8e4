extension String {
    /// The word that was probably meant: the nearest one, if at most a third of its letters differ.
    func nearest(of words: [String]) -> String? {
        let ranked = words.map { (word: $0, distance: editDistance(to: $0)) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, best.word.count / 3) ? best.word : nil
    }

    /// Letters to insert, delete, exchange or swap with their neighbour (optimal string alignment).
    func editDistance(to other: String) -> Int {
        // A name is at most so long; beyond it, the quadratic cost would be paid for words that resemble nothing.
        let (a, b) = (Array(prefix(Limits.nameLength)), Array(other.prefix(Limits.nameLength)))
        var before: [Int] = []
        var above = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var best = Swift.min(above[j + 1] + 1, row[j] + 1, above[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = Swift.min(best, before[j - 1] + 1) }
                row.append(best)
            }
            (before, above) = (above, row)
        }
        return above[b.count]
    }
}

extension [String] {
    /// `fast, normal or slow`.
    var asChoice: String {
        guard count > 1, let last else { return first ?? "nothing" }
        guard count <= Limits.choices else {
            return prefix(Limits.choices).joined(separator: ", ") + " or one of \(count - Limits.choices) more"
        }
        return dropLast().joined(separator: ", ") + " or " + last
    }

    /// The words, led by the one that was probably meant.
    func asChoice(near word: String?) -> String { asChoice(led: word?.nearest(of: self)) }

    func asChoice(led near: String?) -> String {
        guard let near else { return asChoice }
        return "\(near.quoted) (or another of \(asChoice))"
    }
}
