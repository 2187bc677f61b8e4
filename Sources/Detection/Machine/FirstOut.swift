/// Which alarm of a group was the first, so that operators look for the cause there. Only who sees the whole group can
/// tell, and tells it here.
extension AlarmState {
    /// Marks the alarm as the first of its group: it was raised while no other of them was in alarm, latched or
    /// unacknowledged. It stays the first until ``forgetFirstOut()``.
    ///
    /// - Parameter events: of the step that raised it; the raise and what came after it carry the mark too.
    public mutating func mark(_ firstOut: FirstOut, in events: inout [AlarmEvent]) {
        self.firstOut = firstOut
        guard let raise = events.firstIndex(where: \.isRaise) else { return }
        for index in raise..<events.endIndex { events[index].firstOut = firstOut }
    }

    /// To be called when the whole group is normal: whoever raises next is the first again.
    public mutating func forgetFirstOut() { firstOut = nil }
}
