import Plant
import Testing

@testable import Annunciation

@Suite struct MQTTMessageTests {
    let topics = MQTTTopics(topic: "site/cupel", plant: "Kiln 1")

    @Test(arguments: [
        ("high:F1.t", "high:F1.t"), ("a/b", "a%2Fb"), ("+", "%2B"), ("#", "%23"), ("50%", "50%25"),
        ("a\0b\n", "a%00b%0A"),
        ("Öfen", "Öfen"), ("\u{85}", "%C2%85"),
    ])
    func aNameIsOneLevelOfATopic(name: String, level: String) { #expect(MQTTTopics.level(name) == level) }

    @Test func anEventIsAStateAndALineOfTheStream() {
        let line = AlarmLine.alarm("high:F1.t", "UNACK_ACTIVE", 3, 1, sequence: 7)
        let user = [("boot", "b1"), ("seq", "7")]
        let payload = #"{"seq":7,"state":"UNACK_ACTIVE"}"#
        #expect(
            topics.states(line).map(\.message) == [
                MQTTMessage(
                    topic: "site/cupel/Kiln 1/alarm/high:F1.t/state", payload: payload, retained: true, user: user)
            ])
        #expect(topics.event(line) == MQTTMessage(topic: "site/cupel/Kiln 1/events", payload: payload, user: user))
    }

    @Test(arguments: [AlarmLine.Kind.gap, .test, .heartbeat])
    func whatIsNoStateOfAnAlarmIsNotKept(kind: AlarmLine.Kind) {
        #expect(topics.states(.alarm("high:F1.t", "UNACK_ACTIVE", 3, 1, kind: kind)).isEmpty)
        #expect(topics.states(.place(1, [.alarm: "high:F1.t"])).isEmpty)
    }

    @Test func aLineForItsStateAloneIsNoEvent() {
        let line = AlarmLine.alarm("high:F1.t", "NORM", 3, 2, kind: .state)
        #expect(topics.states(line).count == 1 && topics.event(line) == nil)
    }

    /// They are not news of how the alarm stands now.
    @Test func neitherACallNorWhatIsSentAgainTellsAState() {
        var late = AlarmLine.alarm("high:F1.t", "UNACK", 1, 1)
        #expect(!topics.states(late).isEmpty)
        late.tellsState = false
        #expect(topics.states(late).isEmpty && topics.event(late) != nil)
        let call = AlarmLine.place(
            9, [.alarm: "high:F1.t", .what: "escalate", .state: "UNACK", .occurrence: "1", .revision: "1"])
        #expect(topics.states(call).isEmpty && topics.event(call) != nil)
    }

    @Test(arguments: ["retired", "superseded"]) func anAlarmThatIsNoMoreLeavesNoState(_ what: String) {
        let line = AlarmLine.place(8, [.alarm: "high:F1.t", .what: what, .state: "RTNUN"])
        let states = topics.states(line)
        #expect(
            states.map(\.message) == [
                MQTTMessage(topic: "site/cupel/Kiln 1/alarm/high:F1.t/state", payload: "", retained: true)
            ])
        #expect(states.first?.moment == nil && topics.event(line)?.topic == "site/cupel/Kiln 1/events")
    }

    @Test func aDigestTellsTheStatesOfAllItsLines() {
        let members = [AlarmLine.alarm("a:F1.t", "NORM", 1, 2), .alarm("b:F1.t", "UNACK_ACTIVE", 1, 1), .place(3)]
        let digest = AlarmLine.place(0, kind: .digest, members: members)
        #expect(topics.states(digest).map(\.alarm) == ["a:F1.t", "b:F1.t"])
    }

    @Test func aHeartbeatIsForTheMomentOnly() throws {
        let message = try #require(topics.event(.place(9, kind: .heartbeat)))
        #expect(message.topic == "site/cupel/Kiln 1/heartbeat")
        #expect(message.qos == 0 && !message.retained && message.expiry == 30)
    }

    @Test func theStatusIsJSONWhateverThePlantIsCalled() {
        let topics = MQTTTopics(topic: "t", plant: "the \"old\" kiln/\\")
        let status = topics.status(online: true)
        #expect(status.topic == "t/the \"old\" kiln%2F\\/status")
        #expect(status.payload == #"{"status":"online","plant":"the \"old\" kiln/\\"}"#)
        #expect(status.retained && status.qos == 1)
        #expect(topics.status(online: false).payload.contains("offline"))
    }

    @Test func aStateIsNewerByItsOccurrenceFirst() {
        let older = AlarmMoment(.alarm("a", "NORM", 2, 9))
        #expect(older < AlarmMoment(.alarm("a", "NORM", 3, 1)) && older < AlarmMoment(.alarm("a", "NORM", 2, 10)))
        #expect(!(older < older))
    }
}
