/// Keeps a slip of the keyboard from printing for an hour.
enum RowGuard {
    /// Nobody reads more; a program that wants more says so. At a tag a second it is two months.
    static let limit = 5_000_000
    /// Counting ends here: a larger number would not change anybody's mind.
    static let countLimit = 1_000_000_000

    /// What to tell the person; `nil` when the rows are few enough.
    static func refusal(of source: some RowSource) throws -> String? {
        let rows = try source.estimate(atMost: countLimit)
        guard rows > limit else { return nil }
        return """
            this would print \(rows >= countLimit ? "more than" : "about") \(grouped(min(rows, countLimit))) rows, more than \
            \(grouped(limit)): narrow --from and --to, sum up with --every or --max-points, or say --force
            """
    }

    /// 12,345,678.
    static func grouped(_ number: Int) -> String {
        let digits = String(number)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }
}
