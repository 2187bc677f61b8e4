import Archive

extension HistoryReader {
    /// Lends the connection itself, for statements of people. They see one snapshot each; a statement that is not read to
    /// its end keeps the log from being emptied.
    ///
    /// - Throws: what `body` throws, as it is.
    public func withConnection<Value>(_ body: (OpaquePointer) throws -> Value) throws -> Value {
        try connection.lend(body)
    }

    /// The IANA name of the plant's time zone, as the daemon left it; `nil` in a history too young for it.
    public func timeZone() throws(HistoryError) -> String? { try read { try $0.timeZone() } }
}
