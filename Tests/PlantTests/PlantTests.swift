import Plant
import Testing

@Suite struct PlantTests {
    @Test func aTagIsFoundByItsFullName() throws {
        let tag = try #require(makeTag(.int16))
        let plant = Plant(name: "Works", site: "W", timeZone: "UTC", controllers: [], groups: [], tags: [tag])
        #expect(plant.tag(named: "F-01.pv")?.id == tag.id)
        #expect(plant.tag(named: "pv") == nil)
    }

    @Test(
        arguments: [
            (.bool, true), (.string(registers: 2), true), (.int16, false), (.float32, false),
        ] as [(ValueType, Bool)])
    func boolsAndTextAreDiscrete(type: ValueType, discrete: Bool) throws {
        #expect(try #require(makeTag(type)).isDiscrete == discrete)
    }

    @Test func aNumberWithNamedStatesIsDiscrete() throws {
        #expect(try #require(makeTag(.uint16, states: [70: "soak"])).isDiscrete)
    }

    @Test(
        arguments: [
            (.bool, 1, "bool"), (.int16, 1, "int16"), (.uint16, 1, "uint16"), (.int32, 2, "int32"),
            (.uint32, 2, "uint32"),
            (.int64, 4, "int64"), (.uint64, 4, "uint64"), (.float32, 2, "float32"), (.float64, 4, "float64"),
            (.string(registers: 7), 7, "string(7)"),
        ] as [(ValueType, Int, String)])
    func aTypeKnowsItsRegistersAndItsName(type: ValueType, registers: Int, name: String) {
        #expect(type.registers == registers)
        #expect(type.description == name)
        #expect(type.isString == name.hasPrefix("string"))
        #expect(type.isFloat == name.hasPrefix("float"))
        #expect(type.isSigned == name.hasPrefix("int"))
    }

    @Test func prioritiesRiseFromLowToCritical() {
        #expect(Priority.allCases.sorted() == [.low, .medium, .high, .critical])
        #expect(Priority.low < .critical)
    }

    @Test(arguments: [
        (Endpoint(host: "127.0.0.1", port: 502), "127.0.0.1:502"), (Endpoint(host: "::1", port: 15_021), "[::1]:15021"),
    ])
    func anEndpointIsWrittenAsAnAddress(endpoint: Endpoint, text: String) {
        #expect(endpoint.description == text)
    }

    @Test(
        arguments: [
            (Duration.seconds(1), 1_000_000_000), (.milliseconds(500), 500_000_000), (.nanoseconds(-7), -7), (.zero, 0),
            (.seconds(400 * 86_400), 34_560_000_000_000_000),
        ] as [(Duration, Int64)])
    func durationsAreWholeNanoseconds(duration: Duration, nanoseconds: Int64) {
        #expect(duration.nanoseconds == nanoseconds)
        #expect(duration.milliseconds == nanoseconds / 1_000_000)
    }

    @Test func theMonotonicClockNeverGoesBack() {
        let clock = SystemClock()
        var last = clock.monotonic()
        for _ in 0..<1000 {
            let now = clock.monotonic()
            #expect(now >= last)
            last = now
        }
        #expect(clock.wall() > 1_700_000_000_000_000_000)
    }
}
