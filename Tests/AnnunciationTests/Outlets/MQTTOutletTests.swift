import Foundation
import Glibc
import Plant
import Synchronization
import TestSupport
import Testing

@testable import Annunciation

@Suite struct MQTTOutletTests {
    private let online = #"plant/Kiln/status {"status":"online","plant":"Kiln"}"#
    private let offline = #"plant/Kiln/status {"status":"offline","plant":"Kiln"}"#

    @Test func aLineIsAStateAndAnEvent() throws {
        let broker = try Broker()
        let reader = try broker.subscribe(format: "%r %q %t %p %C %P")
        let outlet = broker.outlet()
        let line = AlarmLine.alarm("high:F1.t", "UNACK_ACTIVE", 1, 1, sequence: 5)
        let delivery = outlet.send([line, .place(6)])
        #expect(delivery.taken == 2 && delivery.trouble == nil && delivery.written != nil)
        #expect(delivery.answer == "PUBACK from 127.0.0.1:\(broker.port)")
        #expect(try reader.line() == "0 1 \(online) application/json ")
        #expect(
            try reader.line()
                == #"0 1 plant/Kiln/alarm/high:F1.t/state {"seq":5,"state":"UNACK_ACTIVE"} application/json boot:b1 seq:5"#
        )
        #expect(
            try reader.line()
                == #"0 1 plant/Kiln/events {"seq":5,"state":"UNACK_ACTIVE"} application/json boot:b1 seq:5"#)
        #expect(try reader.line() == #"0 1 plant/Kiln/events {"seq":6} application/json seq:6"#)
        #expect(outlet.send([.place(7, kind: .heartbeat)]).isTaken)
        #expect(try reader.line() == #"0 0 plant/Kiln/heartbeat {"seq":7} application/json seq:7"#)
        #expect(outlet.acknowledges && outlet.takesHeartbeats && outlet.batchLimit == 20)
    }

    /// A batch and more, each line once and in order, and over one connection.
    @Test func linesArriveInOrder() throws {
        let broker = try Broker()
        let reader = try broker.subscribe("+/+/events", format: "%p")
        let outlet = broker.outlet()
        for batch in 0..<10 {
            #expect(
                outlet.send((0..<20).map { .alarm("a:F1.t", "NORM", 1, 1, sequence: Int64(batch * 20 + $0)) }).taken
                    == 20)
        }
        for number in 0..<200 { #expect(try reader.line() == #"{"seq":\#(number),"state":"NORM"}"#) }
    }

    @Test func aLateReaderLearnsTheNewestState() throws {
        let broker = try Broker()
        let outlet = broker.outlet(snapshot: { [.alarm("b:F1.t", "ACK_ACTIVE", 4, 2, sequence: 0, kind: .snapshot)] })
        let lines = [
            AlarmLine.alarm("a:F1.t", "UNACK_ACTIVE", 1, 1), .alarm("a:F1.t", "NORM", 1, 2),
            // Older than what stands; such as waited in the queue, or came from an escalation.
            .alarm("b:F1.t", "UNACK_ACTIVE", 4, 1),
        ]
        #expect(outlet.send(lines).taken == 3)
        let reader = try broker.subscribe("plant/+/alarm/#")
        let states = Set([try reader.line(), try reader.line()])
        #expect(
            states == [
                #"1 1 plant/Kiln/alarm/a:F1.t/state {"seq":1,"state":"NORM"}"#,
                #"1 1 plant/Kiln/alarm/b:F1.t/state {"seq":0,"state":"ACK_ACTIVE"}"#,
            ])
    }

    @Test func aBrokerThatWasKilledGetsWhatItMissedAndWhatStands() throws {
        let broker = try Broker()
        let outlet = broker.outlet(snapshot: { [.alarm("b:F1.t", "ACK_ACTIVE", 4, 2, sequence: 0, kind: .snapshot)] })
        #expect(outlet.send([.place(1)]).isTaken)
        try broker.kill()
        let words = try eventually("the end of the connection") { outlet.send([.place(2)]).unavailable }
        #expect(words.hasPrefix("127.0.0.1:\(broker.port): "))
        #expect(outlet.send([.place(2)]) == .unavailable("127.0.0.1:\(broker.port): Connection refused"))
        try broker.restart()
        let reader = try broker.subscribe()
        #expect(outlet.send([.place(2)]).isTaken)
        #expect(try reader.line { !$0.contains("offline") } == "0 1 " + online)
        #expect(try reader.line() == #"0 1 plant/Kiln/alarm/b:F1.t/state {"seq":0,"state":"ACK_ACTIVE"}"#)
        #expect(try reader.line() == #"0 1 plant/Kiln/events {"seq":2}"#)
    }

    @Test func aBrokerThatStopsIsNotWaitedForAndGetsAllWhenItGoesOn() throws {
        let broker = try Broker()
        let reader = try broker.subscribe("+/+/events", format: "%p")
        let outlet = broker.outlet(patience: .milliseconds(300))
        #expect(try eventually("the first line") { outlet.send([.place(1)]).isTaken ? true : nil })
        broker.program.signal(SIGSTOP)
        #expect(
            outlet.send([.place(2)])
                == .unavailable("127.0.0.1:\(broker.port): no PUBACK within 0.3 seconds").unclear)
        #expect(
            outlet.send([.place(2)])
                == .unavailable("127.0.0.1:\(broker.port): no broker of MQTT 5 answers within 0.3 seconds"))
        broker.program.signal(SIGCONT)
        #expect(try eventually("an answer") { outlet.send([.place(2), .place(3)]).isTaken ? true : nil })
        // The one that was on its way comes twice, and nothing is missing.
        #expect(try reader.line { $0 != #"{"seq":1}"# } == #"{"seq":2}"#)
        #expect(try reader.line { $0 != #"{"seq":2}"# } == #"{"seq":3}"#)
    }

    @Test func aStopEndsTheWaitForABrokerThatStopped() throws {
        let broker = try Broker()
        let stopped = Mutex(false)
        let pid = broker.program.pid
        // Asked for between the broker's CONNACK and the first message.
        let outlet = broker.outlet(snapshot: {
            kill(pid, SIGSTOP)
            stopped.withLock { $0 = true }
            return []
        })
        let sending = InBackground { outlet.send([.place(2)]) }
        _ = try eventually("the connection") { stopped.withLock { $0 } ? true : nil }
        outlet.interrupt()
        #expect(try sending.result() == .unavailable("the daemon is stopping"))
        #expect(outlet.send([.place(2)]) == .unavailable("the daemon is stopping"))
    }

    @Test func aConnectionThatBreaksLeavesTheLastWill() throws {
        let broker = try Broker()
        var outlet: MQTTOutlet? = broker.outlet()
        #expect(outlet?.send([.place(1)]).isTaken == true)
        let reader = try broker.subscribe("+/+/status")
        #expect(try reader.line() == "1 1 " + online)
        // Without a goodbye, as a daemon that was killed.
        outlet = nil
        #expect(try reader.line() == "0 1 " + offline)
        let late = try broker.subscribe("+/+/status")
        #expect(try late.line() == "1 1 " + offline)
    }

    @Test func aGoodbyeIsSaidOnce() throws {
        let broker = try Broker()
        let outlet = broker.outlet()
        #expect(outlet.send([.place(1)]).isTaken)
        let reader = try broker.subscribe("+/+/status")
        #expect(try reader.line() == "1 1 " + online)
        outlet.interrupt()
        outlet.close()
        #expect(try reader.line() == "0 1 " + offline)
        _ = try broker.program.errorLine { $0.contains("Received DISCONNECT from cupel-plant/Kiln") }
        // The last will would come before this.
        let other = MQTTOutlet(
            broker.settings(), password: nil, plant: "Other", patience: .seconds(60), snapshot: { [] })
        #expect(other.send([.place(1)]).isTaken)
        #expect(try reader.line() == #"0 1 plant/Other/status {"status":"online","plant":"Other"}"#)
    }

    @Test func aPasswordDecides() throws {
        let broker = try Broker("allow_anonymous false\npassword_file DIR/passwords") { scratch in
            let program = try Program(
                "/usr/bin/mosquitto_passwd", ["-c", "-b", scratch.path + "/passwords", "cupel", "right"])
            #expect(try program.exit().status == 0)
        }
        let settings = broker.settings(user: "cupel")
        let wrong = broker.outlet(password: "wrong", settings: settings).send([.place(1)]).unavailable
        #expect(wrong == "127.0.0.1:\(broker.port): the broker refuses us: Not authorized (MQTT 135)")
        #expect(broker.outlet(password: "right", settings: settings).send([.place(1)]).isTaken)
    }

    /// For the broker's administrator to mend: the line waits.
    @Test func aTopicThatIsForbiddenCostsNoLine() throws {
        let broker = try Broker("allow_anonymous true\nacl_file DIR/acl") { scratch in
            try scratch.write("topic write plant/Kiln/status\ntopic write plant/Kiln/alarm/#\n", to: "acl")
            chmod(scratch.path + "/acl", 0o600)
        }
        let outlet = broker.outlet()
        let delivery = outlet.send([.alarm("a:F1.t", "NORM", 1, 1)])
        #expect(
            delivery
                == .unavailable("127.0.0.1:\(broker.port): plant/Kiln/events: Not authorized (MQTT 135)"))
    }

    @Test func aLineOverTheBrokersLimitIsRefusedAndTheNextIsTaken() throws {
        let broker = try Broker("allow_anonymous true\nmax_packet_size 1000")
        let outlet = broker.outlet()
        let delivery = outlet.send([.place(1), .place(2, padding: 2000), .place(3)])
        #expect(delivery.taken == 1)
        #expect(delivery.refused?.hasPrefix("127.0.0.1:\(broker.port): plant/Kiln/events: ") == true)
        // The library sent nothing that came behind it.
        #expect(!delivery.mayHaveArrived)
        #expect(outlet.send([.place(3)]).isTaken)
    }

    /// The library knows the first limit and sends nothing beyond it; the second only the broker knows.
    @Test(arguments: ["max_packet_size 1000", "message_size_limit 500"])
    func oneStateThatIsTooLargeForTheBrokerHoldsUpNoOther(_ limit: String) throws {
        let broker = try Broker("allow_anonymous true\n\(limit)")
        let reader = try broker.subscribe(format: "%t %p")
        let fields: [AlarmField: String] = [.alarm: "big:F1.t", .state: "UNACK", .occurrence: "1", .revision: "1"]
        let outlet = broker.outlet(snapshot: {
            [
                .place(0, kind: .snapshot, padding: 2000, fields), .alarm("b:F1.t", "ACK", 4, 2, kind: .snapshot),
                .place(0, kind: .snapshot, padding: 3000, fields), .alarm("c:F1.t", "ACK", 4, 2, kind: .snapshot),
            ]
        })
        let delivery = outlet.send([.place(1)])
        #expect(delivery.isTaken)
        #expect(
            delivery.answer?.hasPrefix(
                "PUBACK from 127.0.0.1:\(broker.port); not shown there: 127.0.0.1:\(broker.port): "
                    + "plant/Kiln/alarm/big:F1.t/state: ") == true)
        #expect(try reader.line { !$0.contains("/b:F1.t/") && !$0.contains("/status ") }.contains("/c:F1.t/"))
        #expect(try reader.line { !$0.contains("/alarm/") } == #"plant/Kiln/events {"seq":1}"#)
    }

    @Test func aLineForItsStateAloneIsToldToNobody() throws {
        let broker = try Broker()
        let reader = try broker.subscribe("plant/Kiln/#", format: "%t %p")
        let outlet = broker.outlet()
        #expect(outlet.send([.alarm("a:F1.t", "NORM", 1, 2, kind: .state), .place(2)]).taken == 2)
        #expect(outlet.send([.place(3, kind: .state, [.alarm: "a:F1.t"])]).taken == 1)
        #expect(outlet.send([.place(4)]).taken == 1)
        #expect(try reader.line() == online)
        #expect(try reader.line() == #"plant/Kiln/alarm/a:F1.t/state {"seq":1,"state":"NORM"}"#)
        #expect(try reader.line() == #"plant/Kiln/events {"seq":2}"#)
        #expect(try reader.line() == #"plant/Kiln/events {"seq":4}"#)
    }

    @Test func anAlarmThatIsNoMoreLeavesNothingBehind() throws {
        let broker = try Broker()
        let outlet = broker.outlet()
        let retired = AlarmLine.place(3, [.alarm: "a:F1.t", .what: "retired"])
        #expect(
            outlet.send([.alarm("a:F1.t", "UNACK", 7, 1), .alarm("b:F1.t", "UNACK", 1, 1, sequence: 2), retired]).taken
                == 3)
        let reader = try broker.subscribe("plant/+/alarm/#", format: "%t %p")
        #expect(try reader.line() == #"plant/Kiln/alarm/b:F1.t/state {"seq":2,"state":"UNACK"}"#)
        // Configured again, it begins anew.
        #expect(outlet.send([.alarm("a:F1.t", "UNACK", 1, 1, sequence: 4)]).isTaken)
        #expect(try reader.line() == #"plant/Kiln/alarm/a:F1.t/state {"seq":4,"state":"UNACK"}"#)
    }

    /// What came behind a line that the broker refused has arrived, and comes again.
    @Test func whatCameBehindARefusedLineIsARepeat() throws {
        let broker = try Broker("allow_anonymous true\nmessage_size_limit 500")
        let outlet = broker.outlet()
        let delivery = outlet.send([.place(1), .place(2, padding: 2000), .place(3)])
        #expect(delivery.taken == 1 && delivery.refused != nil && delivery.mayHaveArrived)
        #expect(!outlet.send([.place(2, padding: 2000)]).mayHaveArrived)
    }

    @Test func whatIsNoBrokerIsNotWaitedForLong() throws {
        let (socket, port) = try listener()
        defer { close(socket) }
        let outlet = MQTTOutlet(
            MQTTSettings(server: ServerAddress(host: "127.0.0.1", port: port)), password: nil, plant: "Kiln",
            patience: .milliseconds(200), snapshot: { [] })
        #expect(
            outlet.send([.place(1)])
                == .unavailable("127.0.0.1:\(port): no broker of MQTT 5 answers within 0.2 seconds"))
        let nobody = MQTTOutlet(
            MQTTSettings(server: ServerAddress(host: "127.0.0.1", port: try freePort())), password: nil, plant: "Kiln",
            snapshot: { [] })
        #expect(nobody.send([.place(1)]).unavailable?.hasSuffix(": Connection refused") == true)
    }

    @Test func overTLSTheBrokersCertificateCounts() throws {
        let broker = try Broker("allow_anonymous true\ncertfile DIR/cert.pem\nkeyfile DIR/key.pem") { scratch in
            for (name, subject) in [("", "127.0.0.1"), ("other-", "10.0.0.1")] {
                let program = try Program(
                    "/usr/bin/openssl",
                    [
                        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                        "3650",
                        "-subj", "/CN=\(subject)", "-addext", "subjectAltName=IP:\(subject)",
                        "-keyout", scratch.path + "/\(name)key.pem", "-out", scratch.path + "/\(name)cert.pem",
                    ])
                #expect(try program.exit().status == 0)
            }
        }
        let path = broker.scratch.path
        let good = broker.outlet(settings: broker.settings(tls: true, caFile: path + "/cert.pem"))
        #expect(good.send([.place(1), .place(2, padding: 3000)]).taken == 2)
        let stranger = broker.outlet(settings: broker.settings(tls: true, caFile: path + "/other-cert.pem"))
        #expect(stranger.send([.place(1)]).unavailable?.contains("TLS") == true)
        let system = broker.outlet(settings: broker.settings(tls: true))
        #expect(system.send([.place(1)]).unavailable?.contains("TLS") == true)
        let missing = broker.outlet(settings: broker.settings(tls: true, caFile: path + "/none.pem"))
        #expect(missing.send([.place(1)]).unavailable?.contains("none.pem") == true)
        let plain = broker.outlet(patience: .milliseconds(300))
        #expect(plain.send([.place(1)]).unavailable != nil)
    }
}
