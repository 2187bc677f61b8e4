import Plant
import Testing

@testable import Modbus

@Suite struct ExchangeTests {
    @Test func requestsAndRepliesAreJoinedByConnectionAndTransaction() throws {
        let frames = [
            try sent(1, transaction: 1, .holding, 10, 2, at: 1), try sent(1, transaction: 2, .input, 20, 1, at: 2),
            received(1, transaction: 2, [0, 5], at: 3),
            // A stray, and a reply of another connection's.
            received(1, transaction: 9, [0, 6], at: 4), received(2, transaction: 1, [0, 7, 0, 7], at: 5),
            received(1, transaction: 1, [0, 8, 0, 9], at: 6),
            // The same reply once more is nobody's.
            received(1, transaction: 1, [1, 1, 1, 1], at: 7),
            try sent(1, transaction: 3, .coil, 0, 9, at: 8),
        ]
        let exchanges = Exchange.pairs(in: frames)
        #expect(exchanges.map(\.request.utc) == [1, 2, 8])
        #expect(exchanges.map(\.reply?.utc) == [6, 3, nil])
        #expect(exchanges.map(\.table) == [.holding, .input, .coil])
        #expect(exchanges.map(\.start) == [10, 20, 0])
        #expect(exchanges.map(\.count) == [2, 1, 9])
        #expect(exchanges.map(\.unit) == [1, 1, 1])
    }

    @Test func aTransactionThatIsUsedAgainBelongsToTheLatestRequest() throws {
        let frames = [
            try sent(1, transaction: 1, .holding, 1, 1, at: 1), try sent(1, transaction: 1, .holding, 2, 1, at: 2),
            received(1, transaction: 1, [0, 2], at: 3),
        ]
        #expect(Exchange.pairs(in: frames).map(\.reply?.utc) == [nil, 3])
    }

    @Test func theValuesAreTheReplysOrTheReasonWhyThereAreNone() throws {
        let asked = try sent(1, transaction: 1, .holding, 1, 1, at: 1)
        #expect(Exchange.pairs(in: [asked])[0].values == .failure(.timeout))
        let values = { Exchange.pairs(in: [asked, $0])[0].values }
        #expect(values(received(1, transaction: 1, [0xCA, 0xFE], at: 2)) == .success([0xCA, 0xFE]))
        #expect(values(received(1, transaction: 1, [1, 2, 3, 4], at: 2)) == .failure(.badReply(.byteCount)))
        let refusal = frame(1, .received, [0, 1, 0, 0, 0, 3, 1, 0x83, 2], at: 2)
        #expect(values(refusal) == .failure(.exception(2)))
    }

    @Test(arguments: [(Int64(0), UInt8(1)), (19, 1), (31, 2), (1000, 2)])
    func theReplyNearestToAMomentIsFound(utc: Int64, value: UInt8) throws {
        let log = FrameLog(capacity: 1 << 16, clock: CountingClock())
        let frames = [
            try sent(1, transaction: 1, .holding, 8, 4, at: 5), received(1, transaction: 1, Self.words(1, 4), at: 10),
            try sent(1, transaction: 2, .holding, 8, 4, at: 35), received(1, transaction: 2, Self.words(2, 4), at: 40),
            // None of these holds the register: another range, another table, another unit, no reply.
            try sent(1, transaction: 3, .holding, 11, 4, at: 41), received(1, transaction: 3, Self.words(3, 4), at: 41),
            try sent(1, transaction: 4, .input, 8, 4, at: 41),
            received(1, transaction: 4, Self.words(4, 4), function: 4, at: 41),
            try sent(1, transaction: 5, .holding, 8, 4, unit: 2, at: 41),
            received(1, transaction: 5, Self.words(5, 4), unit: 2, at: 41),
            try sent(1, transaction: 6, .holding, 8, 4, at: 41),
        ]
        for frame in frames { log.replay(frame) }
        let range = try #require(RegisterRange(table: .holding, start: 10, count: 2))
        let origin = log.frames()[0].utc - 5
        let found = try #require(log.exchange(of: range, unit: 1, nearest: origin + utc))
        #expect(found.values == .success(Self.words(value, 4)))
        #expect(log.exchange(of: range, unit: 9, nearest: 0) == nil)
    }

    static func words(_ value: UInt8, _ count: Int) -> [UInt8] { (0..<count).flatMap { _ in [0, value] } }

    private func sent(
        _ connection: Int, transaction: UInt8, _ table: RegisterTable, _ start: Int, _ count: Int, unit: UInt8 = 1,
        at utc: Int64
    ) throws -> Frame {
        var bytes = [UInt8](repeating: 0, count: 12)
        let asked = try request(table, start, count, unit: unit)
        bytes.withUnsafeMutableBufferPointer { asked.encode(transaction: UInt16(transaction), into: $0) }
        return frame(connection, .sent, bytes, at: utc)
    }

    private func received(
        _ connection: Int, transaction: UInt8, _ values: [UInt8], unit: UInt8 = 1, function: UInt8 = 3, at utc: Int64
    ) -> Frame {
        let count = UInt8(values.count)
        return frame(
            connection, .received, [0, transaction, 0, 0, 0, count + 3, unit, function, count] + values, at: utc)
    }

    private func frame(_ connection: Int, _ event: Frame.Event, _ bytes: [UInt8], at utc: Int64) -> Frame {
        Frame(
            event: event, monotonic: utc, utc: utc,
            connection: Frame.Connection(
                number: connection, local: (IPAddress(four: 1), port: 1), peer: (IPAddress(four: 2), port: 502)),
            bytes: bytes)
    }
}

extension FrameLog {
    /// Records a frame that a test made, at its own time.
    fileprivate func replay(_ frame: Frame) {
        frame.bytes.withUnsafeBufferPointer { record(frame.event, frame.connection, $0, at: frame.monotonic) }
    }
}
