import Archive
import Historian
import Testing

@testable import cupel

struct MomentTests {
    static let tags = [
        StoredTag.analog(1, "T"), .states(2, "P", ["1": "melt", "2": "soak"]), .analog(3, "never"), .analog(4, "U"),
    ]
    static let history = MadeUpHistory([
        (tags[0], [.good(0, 10), .good(1000, 12.5)]),
        (tags[1], [.state(200, 1), .state(1500, 2)]),
        (tags[2], []),
        (tags[3], [.bad(300), .good(1200, 4)]),
    ])

    static func moment(_ time: Int64) -> Moment {
        Moment(time: time, tags: tags, standing: history.standing(at: time, tags))
    }

    @Test func showsWhatStood() throws {
        #expect(
            try Self.moment(900).rows.csv() == """
                tag,value,state,unit,quality,time,age_ms
                T,10,,degC,good,1970-01-01T00:00:00.000Z,900
                P,1,melt,,good,1970-01-01T00:00:00.200Z,700
                U,,,degC,bad:timeout,1970-01-01T00:00:00.300Z,600

                """)
        #expect(try Self.moment(-1).rows.csv() == "tag,value,state,unit,quality,time,age_ms\n")
    }

    @Test func wideIsOneRow() throws {
        #expect(
            try Self.moment(900).wideRows.csv() == "time,T,P,never,U\n1970-01-01T00:00:00.900Z,10,1,,\n")
        #expect(try Self.moment(-1).wideRows.csv() == "time,T,P,never,U\n")
    }

    @Test func tellsTwoMomentsApart() throws {
        #expect(
            try Self.moment(900).changes(to: Self.moment(1300)).csv() == """
                tag,before,after,change,unit,quality_before,quality_after
                T,10,12.5,2.5,degC,good,good
                U,,4,,degC,bad:timeout,good

                """)
        #expect(try Self.moment(1300).changes(to: Self.moment(1600)).csv().contains("\nP,1,2,,,good,good\n"))
    }
}

struct GapRowsTests {
    @Test func listsWhenNothingGoodStood() throws {
        let tag = StoredTag.analog(1, "T")
        let history = MadeUpHistory(period: 10, [(tag, [.good(5, 1), .bad(15), .good(25, 1), .good(100, 1)])])
        #expect(
            try GapRows(source: history, tags: [tag], range: 0..<105, now: .max, pending: 0).csv() == """
                tag,start,end,seconds,cause
                T,1970-01-01T00:00:00.000Z,1970-01-01T00:00:00.005Z,0.005,unexplained
                T,1970-01-01T00:00:00.015Z,1970-01-01T00:00:00.025Z,0.01,unexplained
                T,1970-01-01T00:00:00.035Z,1970-01-01T00:00:00.100Z,0.065,unexplained

                """)
    }
}

struct EventRowsTests {
    static let events = [
        HistoryEvent(.annotation, start: 0, end: 1000, subject: "T", author: "alice", text: "probe \"B\", cleaned"),
        HistoryEvent(.overflow, start: 2000, end: nil, attributes: ["scans": "3", "group": "X/fast"]),
    ]

    @Test func csv() throws {
        #expect(
            try Events.rows(Self.events).csv() == """
                start,end,kind,subject,author,text,attributes
                1970-01-01T00:00:00.000Z,1970-01-01T00:00:01.000Z,annotation,T,alice,"probe ""B"", cleaned",
                1970-01-01T00:00:02.000Z,,overflow,,,,"{""group"":""X/fast"",""scans"":""3""}"

                """)
    }

    @Test func ndjson() throws {
        #expect(
            try Events.rows([Self.events[1]]).printed(.ndjson)
                == #"{"start":"1970-01-01T00:00:02.000Z","end":null,"kind":"overflow","#
                + #""attributes":{"group":"X/fast","scans":"3"}}"# + "\n")
    }
}
