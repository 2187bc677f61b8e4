import Plant

/// What a delivery says about the sink itself.
extension Sink.State {
    /// It is being tried again; lines wait.
    var isFailing: Bool { retry.next != nil }

    mutating func succeeded() {
        (fault, isRefusing) = (nil, false)
        retry.succeeded()
    }

    /// It is there, and does not want a line.
    mutating func refuses(_ reason: String) {
        retry.succeeded()
        (fault, isRefusing) = ("refuses lines: \(reason)", true)
    }

    /// Lines that are refused do not wait, so the breaker stays closed; but somebody must know. The fault goes with the
    /// next line that is taken; a sign of life does not show that lines are.
    ///
    /// - Parameter lines: that were to be delivered; with none it was only asked whether somebody is there.
    /// - Returns: what the log is to say.
    mutating func note(
        _ delivery: Delivery, of lines: Int, isSignOfLife: Bool, isCheap: Bool, at now: Moment
    ) -> String? {
        let before = fault
        if delivery.taken > 0 { retry.succeeded() }
        switch delivery.trouble {
        case nil:
            guard delivery.taken > 0 || lines == 0 else { return nil }
            retry.succeeded()
            if isSignOfLife, isRefusing { return nil }
            succeeded()
            return before == nil ? nil : "delivering again"
        case .refused(let reason):
            refuses(reason)
            return before == fault ? nil : "refused a line: \(reason)"
        case .unavailable(let reason, let wish):
            retry.failed(at: now, isCheap: isCheap, wish: wish)
            (fault, isRefusing) = (reason, false)
        case .declined(let reason):
            retry.failed(at: now, isCheap: isCheap, wish: nil)
            (fault, isRefusing) = (reason, false)
        }
        return before == nil ? "\(fault ?? ""); lines wait" : nil
    }
}
