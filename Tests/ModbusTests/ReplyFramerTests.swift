import Testing

@testable import Modbus

@Suite struct ReplyFramerTests {
    static let reply: [UInt8] = [0x01, 0x02, 0, 0, 0, 7, 17, 3, 4, 0xDE, 0xAD, 0xBE, 0xEF]
    static let refusal: [UInt8] = [0x01, 0x03, 0, 0, 0, 3, 17, 0x83, 2]
    static let largest: [UInt8] = [0, 1, 0, 0, 0, 254, 1, 3, 251] + Array(repeating: 0xA5, count: 251)

    struct Case: CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        let frames: [[UInt8]]
        var error: ModbusError?
        var testDescription: String { name }
    }

    static func changed(_ place: Int, _ byte: UInt8) -> [UInt8] {
        var bytes = reply
        bytes[place] = byte
        return bytes
    }

    static let cases: [Case] = [
        Case(name: "nothing", bytes: [], frames: []),
        Case(name: "one reply", bytes: reply, frames: [reply]),
        Case(name: "replies and refusals", bytes: reply + refusal + reply, frames: [reply, refusal, reply]),
        Case(name: "the largest frame", bytes: largest + largest, frames: [largest, largest]),
        Case(name: "all but the last byte", bytes: reply + reply.dropLast(), frames: [reply]),
        Case(name: "three bytes of nonsense", bytes: [1, 2, 3], frames: []),
        Case(name: "another protocol", bytes: reply + [1, 2, 3, 0], frames: [reply], error: .badReply(.protocolID)),
        Case(name: "protocol 0x0001", bytes: changed(3, 1), frames: [], error: .badReply(.protocolID)),
        Case(name: "a length of nothing", bytes: [1, 2, 0, 0, 0, 0], frames: [], error: .badReply(.length)),
        Case(name: "a length without a function", bytes: [1, 2, 0, 0, 0, 2], frames: [], error: .badReply(.length)),
        Case(name: "beyond the largest frame", bytes: [1, 2, 0, 0, 0, 255], frames: [], error: .badReply(.length)),
        Case(name: "the length's high byte", bytes: [1, 2, 0, 0, 1, 7], frames: [], error: .badReply(.length)),
        Case(name: "header longer than byte count", bytes: changed(5, 8), frames: [], error: .badReply(.length)),
        Case(name: "header shorter than byte count", bytes: changed(5, 6), frames: [], error: .badReply(.length)),
        Case(
            name: "exception with more behind", bytes: [1, 2, 0, 0, 0, 4, 17, 0x83, 2], frames: [],
            error: .badReply(.length)),
        // Whom it belongs to is not the framer's to say.
        Case(name: "a writing function", bytes: changed(7, 16), frames: [changed(7, 16)]),
    ]

    /// In whatever pieces it comes.
    @Test(arguments: cases, [1, 2, 5, 9, 4096])
    func aStreamFallsIntoItsFrames(_ row: Case, piece: Int) {
        var framer = ReplyFramer()
        let found = framer.frames(of: row.bytes, pieces: piece)
        #expect(found.frames == row.frames)
        #expect(found.error == row.error)
    }

    /// A header that contradicts itself is refused with its ninth byte: nobody waits for what it promises.
    @Test func aContradictionIsFoundBeforeTheBytesItPromises() {
        var framer = ReplyFramer()
        let found = framer.frames(of: [1, 2, 0, 0, 0, 200, 17, 3, 4], pieces: 1)
        #expect(found.error == .badReply(.length))
    }

    @Test func thereIsAlwaysRoomForTheRestOfAFrame() {
        var framer = ReplyFramer()
        for count in 1..<Self.largest.count {
            framer.reset()
            _ = framer.frames(of: Array(Self.largest[..<count]), pieces: 4096)
            #expect(framer.rest.count == count)
            #expect(framer.room().count == ReplyFramer.capacity - count)
        }
    }

    @Test func anotherConnectionBeginsAnew() {
        var framer = ReplyFramer()
        _ = framer.frames(of: [9, 9, 0], pieces: 4096)
        framer.reset()
        let found = framer.frames(of: Self.reply, pieces: 4096)
        #expect(found.frames == [Self.reply])
    }
}

extension ReplyFramer {
    /// Everything these bytes are cut into when they come in pieces of this size.
    mutating func frames(of bytes: [UInt8], pieces: Int) -> (frames: [[UInt8]], error: ModbusError?) {
        var frames: [[UInt8]] = []
        var place = 0
        do throws(ModbusError) {
            while place < bytes.count {
                let room = self.room()
                let count = min(pieces, bytes.count - place, room.count)
                _ = room.update(fromContentsOf: bytes[place..<place + count])
                filled(count)
                place += count
                while let frame = try next() { frames.append(Array(frame)) }
            }
            return (frames, nil)
        } catch {
            return (frames, error)
        }
    }
}
