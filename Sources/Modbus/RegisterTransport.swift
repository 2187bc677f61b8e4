public import Plant

/// One connection to one endpoint.
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

    /// Reads all of these, with at most so many requests on their way at once. A transport that can have one on its
    /// way asks one after the other.
    ///
    /// - Parameters:
    ///   - depth: 1...`maxDepth`; what is beyond is taken for the nearest of them.
    ///   - timeout: for each reply, from the moment its request has left or the reply before it has come, whichever is
    ///     later: a device that works one after the other needs the time of all of them for the last.
    ///   - answer: called once for each request that was answered, with its index, in the order the replies come; with
    ///     the bytes of the values, which are gone when it returns, or the `exception`.
    /// - Throws: the first error that ends the connection. What was not answered by then never will be.
    mutating func read(
        _ requests: [ReadRequest], depth: Int, timeout: Duration,
        answer: (_ index: Int, _ outcome: Result<UnsafeBufferPointer<UInt8>, ModbusError>) -> Void
    ) throws(ModbusError)

    /// Closes the connection, if there is one.
    mutating func close()

    var isConnected: Bool { get }

    /// Frames since the transport was made that answered no request on its way, and were dropped. Always 0 for a
    /// transport to which they are errors.
    var strays: Int { get }
}

extension RegisterTransport where Self: ~Copyable {
    /// Requests that may be on their way at once on one connection (Messaging Implementation Guide V1.0b, section
    /// 4.2).
    public static var maxDepth: Int { 16 }

    public var strays: Int { 0 }

    /// One after the other.
    public mutating func read(
        _ requests: [ReadRequest], depth: Int, timeout: Duration,
        answer: (_ index: Int, _ outcome: Result<UnsafeBufferPointer<UInt8>, ModbusError>) -> Void
    ) throws(ModbusError) {
        let payload = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: Frame.bytesMax)
        defer { payload.deallocate() }
        for (index, request) in requests.enumerated() {
            do throws(ModbusError) {
                let bytes = try read(request, timeout: timeout, into: payload)
                answer(index, .success(UnsafeBufferPointer(rebasing: payload[..<bytes])))
            } catch {
                guard error.keepsConnection else { throw error }
                answer(index, .failure(error))
            }
        }
    }
}
