import Plant
import Testing

@testable import Annunciation

@Suite struct LineDigestTests {
    @Test func aDigestNamesWhatItStandsFor() {
        let digest = AlarmLine.digest(of: [.event(3, rank: 1), .event(5, rank: 2, alarm: "low:F-2.p")])
        #expect(digest.text == "DIGEST 2 events: raise high:F-1.t, raise low:F-2.p\n")
        #expect(digest.sequence == 5)
        #expect(digest.rank == 2)
        #expect(digest.members.map(\.sequence) == [3, 5])
        #expect(digest.json.contains("\"count\":2,\"from\":3,"))
    }

    @Test func aDigestOfManyFitsIntoALine() {
        let lines = (1...100).map { AlarmLine.event(Int64($0), alarm: String(repeating: "\"", count: 60)) }
        let digest = AlarmLine.digest(of: lines)
        #expect(digest.json.utf8.count <= 4096)
        #expect(digest.text.hasSuffix(" more\n"))
    }
}
