import Plant
import Testing

@testable import Modbus

@Suite struct InFlightTests {
    @Test func aFrameFindsTheRequestWithItsTransaction() throws {
        var flight = InFlight()
        try flight.send(3, at: 10)
        #expect(flight.count == 3)
        #expect(try flight.take(transaction: 2) == "values 1: [0, 1]")
        #expect(try flight.take(transaction: 2) == "stray")
        #expect(try flight.take(transaction: 4) == "stray")
        #expect(try flight.take([0, 3, 0, 0, 0, 3, 1, 0x83, 11]) == "refused 2: 11")
        #expect(try flight.take(transaction: 1) == "values 0: [0, 0]")
        #expect(flight.count == 0)
        #expect(try flight.take(transaction: 1) == "stray")
    }

    @Test func aFrameWithARequestsTransactionThatIsNoAnswerIsAnError() throws {
        var flight = InFlight()
        try flight.send(2, at: 0)
        #expect(throws: ModbusError.badReply(.unit)) { try flight.take([0, 1, 0, 0, 0, 5, 2, 3, 2, 0, 0]) }
        #expect(throws: ModbusError.badReply(.byteCount)) { try flight.take([0, 1, 0, 0, 0, 7, 1, 3, 4, 0, 0, 0, 0]) }
        #expect(throws: ModbusError.badReply(.exceptionForm)) { try flight.take([0, 1, 0, 0, 0, 3, 1, 0x83, 0]) }
        #expect(flight.count == 2)
    }

    /// The timeout counts from when the request left or the reply before it came, whichever is later.
    @Test func theDeadlineMovesWithEachReply() throws {
        var flight = InFlight()
        let timeout = Duration.nanoseconds(100)
        #expect(flight.deadline(timeout) == .max)
        try flight.send(1, at: 1000)
        try flight.send(1, at: 1040)
        #expect(flight.deadline(timeout) == 1100)
        _ = try flight.take(transaction: 1, at: 1090)
        #expect(flight.deadline(timeout) == 1190)
        // A stray is no reply.
        _ = try flight.take(transaction: 9, at: 1150)
        #expect(flight.deadline(timeout) == 1190)
        _ = try flight.take(transaction: 2, at: 1180)
        try flight.send(1, at: 5000)
        #expect(flight.deadline(timeout) == 5100)
        var late = InFlight()
        try late.send(1, at: .max - 50)
        #expect(late.deadline(timeout) == .max)
    }

    /// A request may stay unanswered while all other numbers come and go.
    @Test func aTransactionOnItsWayIsNeverGivenAgain() throws {
        var flight = InFlight(transaction: 99)
        try flight.send(1, at: 0)
        var seen: Set<UInt16> = []
        for _ in 0..<70_000 { seen.insert(flight.newTransaction()) }
        #expect(seen.count == 65_535 && !seen.contains(100))
    }

    @Test func afterAnotherConnectionNothingIsOnItsWay() throws {
        var flight = InFlight()
        try flight.send(2, at: 0)
        flight.forget()
        #expect(flight.count == 0)
        #expect(try flight.take(transaction: 1) == "stray")
        #expect(flight.newTransaction() == 3)
    }
}

extension InFlight {
    /// Requests for one holding register of unit 1 each.
    fileprivate mutating func send(_ count: Int, at time: Int64) throws {
        for index in 0..<count {
            depart(try request(.holding, 0, 1), index: index, transaction: newTransaction(), at: time)
        }
    }

    /// A proper reply to a request of `send`, whose register holds its index.
    fileprivate mutating func take(transaction: UInt8, at time: Int64 = 0) throws(ModbusError) -> String {
        try take([0, transaction, 0, 0, 0, 5, 1, 3, 2, 0, transaction - 1], at: time)
    }

    fileprivate mutating func take(_ frame: [UInt8], at time: Int64 = 0) throws(ModbusError) -> String {
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: frame.count)
        defer { buffer.deallocate() }
        _ = buffer.update(fromContentsOf: frame)
        switch try match(UnsafeBufferPointer(buffer), at: time) {
        case .values(let index, let values): return "values \(index): \(Array(values))"
        case .refused(let index, let code): return "refused \(index): \(code)"
        case .stray: return "stray"
        }
    }
}
