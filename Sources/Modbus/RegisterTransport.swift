public import Plant

/// One connection to one endpoint, with one request on its way at a time.
///
/// The seam where libmodbus can be replaced. A transport belongs to one thread and blocks it; after any error but
/// `exception` and before the first `connect` it is not connected, and `read` answers `disconnected`.
public protocol RegisterTransport: ~Copyable {
    /// Opens a new connection; closes an open one first.
    ///
    /// - Throws: `refused`, `unreachable`, `disconnected`, `localFault`, `stopped`.
    mutating func connect(to endpoint: Endpoint, timeout: Duration) throws(ModbusError)

    /// Reads, and copies the values into the start of `payload`: registers as they came, high byte first, or bits
    /// packed from the lowest.
    ///
    /// - Parameters:
    ///   - timeout: for the whole reply, from the moment the request has left.
    ///   - payload: at least `request.payloadBytes` long.
    /// - Returns: the bytes written, always `request.payloadBytes`.
    mutating func read(
        _ request: ReadRequest, timeout: Duration, into payload: UnsafeMutableBufferPointer<UInt8>
    ) throws(ModbusError) -> Int

    /// Closes the connection, if there is one.
    mutating func close()

    var isConnected: Bool { get }
}
