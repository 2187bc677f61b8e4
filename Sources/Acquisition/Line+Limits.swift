public import Plant

extension Line {
    /// What alarms watch for has changed.
    ///
    /// - Parameter limits: by tag of the plant the line was made for.
    public func watch(limits: [Tag.ID: [Double]]) {}
}
