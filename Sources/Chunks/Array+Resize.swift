extension Array where Element: FixedWidthInteger {
    /// Keeps the memory, and the elements as far as they remain.
    mutating func resize(to count: Int) {
        if self.count > count {
            removeLast(self.count - count)
        } else {
            append(contentsOf: repeatElement(0, count: count - self.count))
        }
    }
}
