import Plant
import Testing

@Suite struct QualityTests {
    /// The stored bytes and the names plain SQL shows: a contract with every database ever written.
    static let contract: [(UInt8, String)] = [
        (0, "good"), (64, "uncertain:frozen"), (65, "uncertain:stale"), (66, "uncertain:clamped"),
        (67, "uncertain:weak-signal"), (68, "uncertain:counter-wrapped"), (69, "uncertain:counter-reset"),
        (70, "uncertain:doubtful"),
        (128, "bad:never-read"), (129, "bad:timeout"), (130, "bad:refused"), (131, "bad:unreachable"),
        (132, "bad:disconnected"), (133, "bad:bad-reply"), (134, "bad:local-fault"),
        (144, "bad:not-a-number"), (145, "bad:out-of-range"), (146, "bad:invalid-value"), (147, "bad:unexpected"),
        (148, "bad:layout-mismatch"), (149, "bad:not-text"), (150, "bad:sensor-fault"), (151, "bad:fail-low"),
        (152, "bad:fail-high"), (153, "bad:not-decimal"), (154, "bad:undefined"), (155, "bad:status-unknown"),
        (161, "bad:exception-1"), (162, "bad:exception-2"), (164, "bad:exception-4"), (171, "bad:exception-11"),
        (191, "bad:exception-31"),
    ]

    @Test(arguments: contract)
    func rawValuesAndNamesNeverChange(rawValue: UInt8, name: String) {
        let quality = Quality(rawValue: rawValue)
        #expect(quality.name == name)
        #expect(quality.description == name)
        #expect(Quality.all.contains(quality))
    }

    @Test func constantsHaveTheirRawValues() {
        let constants: [Quality] = [
            .good, .frozen, .stale, .clamped, .weakSignal, .wrapped, .reset, .doubtful, .neverRead, .timeout, .refused,
            .unreachable, .disconnected, .badReply, .localFault,
            .notANumber, .outOfRange, .invalidValue, .unexpected, .layoutMismatch, .notText, .sensorFault,
            .failLow, .failHigh, .notDecimal, .undefined, .statusUnknown, .exception(1),
            .exception(2), .exception(4), .exception(11), .exception(31),
        ]
        #expect(constants.map(\.rawValue) == Self.contract.map(\.0))
    }

    @Test func allHoldsEveryNamedQualityOnceInOrder() {
        let raw = Quality.all.map(\.rawValue)
        #expect(raw == raw.sorted())
        #expect(Set(raw).count == raw.count)
        #expect(Set(Quality.all.map(\.name)).count == raw.count)
        #expect(raw.count == 27 + 31)
    }

    @Test func everyByteIsExactlyOneOfGoodUncertainBadOrFree() {
        for rawValue in UInt8.min...UInt8.max {
            let quality = Quality(rawValue: rawValue)
            let verdicts = [quality.isGood, quality.isUncertain, quality.isBad].filter { $0 }.count
            #expect(verdicts == (1..<64 ~= rawValue ? 0 : 1), "\(rawValue)")
        }
        #expect(!Quality(rawValue: 63).isUncertain && Quality(rawValue: 64).isUncertain)
        #expect(Quality(rawValue: 127).isUncertain && Quality(rawValue: 128).isBad)
    }

    @Test func everyByteHasAName() {
        let names = (UInt8.min...UInt8.max).map { Quality(rawValue: $0).name }
        #expect(Set(names).count == 256)
        #expect(Quality(rawValue: 99).name == "uncertain:99")
        #expect(Quality(rawValue: 200).name == "bad:200")
        #expect(Quality(rawValue: 160).name == "bad:160")
    }

    @Test func exceptionCodesGoThereAndBack() {
        for code in UInt8(1)...31 {
            #expect(Quality.exception(code).exceptionCode == code)
            #expect(Quality.exception(code).isBad)
        }
        #expect(Quality.exception(255) == .exception(31))
        #expect(Quality.timeout.exceptionCode == nil)
        #expect(Quality(rawValue: 160).exceptionCode == nil)
        #expect(Quality(rawValue: 192).exceptionCode == nil)
    }
}
