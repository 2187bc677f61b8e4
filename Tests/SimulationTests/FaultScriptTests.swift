import Plant
import Simulation
import Testing

@Suite struct FaultScriptTests {
    @Test func everyFaultIsRead() throws {
        let script = try FaultScript(
            parsing: """
                # the first minute
                at 20s F-01 over-temperature 60 for 40s
                at 0 F-02 water-loss for 500ms   # a hiccup

                at 5m EC-01 feed-stop for 1.5h
                at 1m F-01 thermocouple-open for 1m
                at 2m F-01 controller-dead
                at 3m F-01 controller-silent for 1d
                at 4m F-01 heartbeat-frozen for 10s
                """)
        #expect(
            script.faults == [
                .init(at: .zero, controller: "F-02", fault: .waterLoss, lasting: .milliseconds(500)),
                .init(
                    at: .seconds(20), controller: "F-01", fault: .overTemperature(kelvin: 60), lasting: .seconds(40)),
                .init(at: .seconds(60), controller: "F-01", fault: .thermocoupleOpen, lasting: .seconds(60)),
                .init(at: .seconds(120), controller: "F-01", fault: .controllerDead),
                .init(at: .seconds(180), controller: "F-01", fault: .controllerSilent, lasting: .seconds(86_400)),
                .init(at: .seconds(240), controller: "F-01", fault: .heartbeatFrozen, lasting: .seconds(10)),
                .init(at: .seconds(300), controller: "EC-01", fault: .feedStop, lasting: .seconds(5400)),
            ])
    }

    @Test(arguments: [
        ("after 20s F-01 water-loss", "expected 'at', found 'after'"),
        ("at", "expected a duration such as 20s or 5m after 'at', found the end of the line"),
        ("at soon F-01 water-loss", "expected a duration such as 20s or 5m after 'at', found 'soon'"),
        ("at 20 F-01 water-loss", "expected a duration such as 20s or 5m after 'at', found '20'"),
        ("at -5s F-01 water-loss", "expected a duration such as 20s or 5m after 'at', found '-5s'"),
        ("at 99999999h F-01 water-loss", "expected a duration such as 20s or 5m after 'at', found '99999999h'"),
        ("at 20s", "expected the name of a controller after the time, found the end of the line"),
        (
            "at 20s F-01 over-temperature for 40s",
            "expected a number of kelvin other than 0 after 'over-temperature', found 'for'"
        ),
        (
            "at 20s F-01 over-temperature nan",
            "expected a number of kelvin other than 0 after 'over-temperature', found 'nan'"
        ),
        ("at 20s F-01 water-loss 5", "expected 'for' or the end of the line, found '5'"),
        ("at 20s F-01 water-loss for", "expected a duration such as 20s or 5m after 'for', found the end of the line"),
        ("at 20s F-01 water-loss for 0", "expected a duration above 0 after 'for', found 0"),
        ("at 20s F-01 water-loss for 5s or so", "expected the end of the line, found 'or'"),
    ])
    func aWrongLineSaysWhatWasExpected(line: String, message: String) {
        let error = #expect(throws: FaultScriptError.self) { try FaultScript(parsing: "\n" + line) }
        #expect(error?.problems.map(\.line) == [2])
        #expect(error?.problems.map(\.message) == [message])
    }

    @Test func anUnknownFaultIsAnsweredWithTheKnownOnes() {
        let error = #expect(throws: FaultScriptError.self) { try FaultScript(parsing: "at 1s F-01 fire") }
        #expect(
            error?.description
                == "line 1: unknown fault 'fire', expected one of over-temperature, thermocouple-open, water-loss, "
                + "feed-stop, controller-dead, controller-silent, heartbeat-frozen")
    }

    @Test func allMistakesAreToldAtOnce() {
        let error = #expect(throws: FaultScriptError.self) {
            try FaultScript(parsing: "at x\nat 1s F-01 water-loss\nnow\n")
        }
        #expect(error?.problems.map(\.line) == [1, 3])
    }

    @Test func aFaultReadsBackAsItIsWritten() throws {
        for text in ["over-temperature 60", "over-temperature 12.5", "controller-dead", "feed-stop"] {
            let script = try FaultScript(parsing: "at 1s F-01 \(text)")
            #expect(script.faults.map(\.fault.description) == [text])
        }
    }

    @Test func theDemonstrationFitsThePlantAtHand() {
        let script = FaultScript.demonstration(for: SamplePlant.plant)
        #expect(Set(script.faults.map(\.controller)) == ["F-01", "EC-01"])
        #expect(
            script.faults.first
                == .init(
                    at: .seconds(20), controller: "F-01", fault: .overTemperature(kelvin: 60), lasting: .seconds(40)))
        let empty = Plant(name: "", site: "", timeZone: "UTC", controllers: [], groups: [], tags: [])
        #expect(FaultScript.demonstration(for: empty).faults.isEmpty)
    }
}
