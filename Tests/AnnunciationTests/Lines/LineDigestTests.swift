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
        #expect(digest.json.contains("\"count\":2,\"dup\":false,") && digest.json.contains("\"seqs\":[3,5],"))
    }

    @Test func whatOnlyShowsAStateIsNothingToTell() {
        let digest = AlarmLine.digest(of: [.event(3), .event(4, rank: 3).stateOnly])
        #expect(digest.text == "DIGEST 1 events: raise high:F-1.t\n")
        #expect(digest.rank == 2 && digest.sequence == 4)
        #expect(digest.members.map(\.sequence) == [3, 4])
    }

    /// A receiver that had one of them knows which; and a key means the same lines, marked or not.
    @Test func aDigestOfRepeatsIsOne() {
        let lines = [AlarmLine.event(3), .event(5)]
        let (digest, again) = (AlarmLine.digest(of: lines), AlarmLine.digest(of: [lines[0].again, lines[1]]))
        #expect(!digest.isRepeat && again.isRepeat)
        #expect(again.json.contains("\"dup\":true"))
        #expect(again.identity == digest.identity)
        #expect(AlarmLine.digest(of: [lines[0]]).identity != digest.identity)
    }

    @Test func aLineWithoutANumberKeepsItsKeyWhenItComesAgain() {
        let line = AlarmLine.event(0)
        #expect(line.again.identity == line.identity)
        #expect(line.again.json != line.json)
    }

    @Test func aDigestOfManyFitsIntoALine() {
        let lines = (1...100).map { AlarmLine.event(Int64($0), alarm: String(repeating: "\"", count: 60)) }
        let digest = AlarmLine.digest(of: lines)
        #expect(digest.json.utf8.count <= 4096)
        #expect(digest.text.hasSuffix(" more\n"))
    }
}
