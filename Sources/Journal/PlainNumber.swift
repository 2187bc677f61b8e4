extension Double {
    /// `1500`, not `1500.0`.
    var plainText: String {
        if let whole = Int64(exactly: self), magnitude < 1e15 { return String(whole) }
        return description
    }
}
