import Testing

@testable import Acquisition

@Suite struct FaultRecordTests {
    @Test func aFaultIsToldWhenItBeginsAndWhenItEndsWithCountAndDuration() {
        var fault = FaultRecord()
        #expect(fault.end("F-01", at: 0) == nil)
        let begin = fault.begin("F-01", "timeout", at: 1_000_000_000)
        #expect(begin == LineNotice(subject: "F-01", cause: "timeout", ended: false, attempts: 1, lasted: .zero))
        for second in 2..<9 { #expect(fault.begin("F-01", "timeout", at: Int64(second) * 1_000_000_000) == nil) }
        let end = fault.end("F-01", at: 9_500_000_000)
        #expect(
            end == LineNotice(subject: "F-01", cause: "timeout", ended: true, attempts: 8, lasted: .milliseconds(8500)))
        #expect(end?.description == "F-01 is well again after 8.5 s and 8 attempts (timeout)")
        #expect(fault.end("F-01", at: 10_000_000_000) == nil)
    }

    @Test func anotherCauseIsNewsButTheFaultBeganWhenItBegan() {
        var fault = FaultRecord()
        _ = fault.begin("F-01", "timeout", at: 1_000_000_000)
        #expect(fault.begin("F-01", "refused", at: 2_000_000_000)?.cause == "refused")
        #expect(fault.end("F-01", at: 4_000_000_000)?.lasted == .seconds(3))
    }
}
