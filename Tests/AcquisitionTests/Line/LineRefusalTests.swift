import Modbus
import Plant
import Testing

@testable import Acquisition

/// What a line does about registers that its controller refuses, under a clock that tests move.
@Suite struct LineRefusalTests {
    private static func rehearsal(
        _ rows: [SamplePlant.Row], maxGap: Int = 0, device: @escaping (Int64) -> RefusingDevice
    ) -> Rehearsal {
        let rehearsal = Rehearsal(
            SamplePlant.plant([.init(timeout: .seconds(1), maxGap: maxGap, rows: rows)]), ringCells: 1 << 20)
        rehearsal.link.read = { request, at in Self.reply(device(at), request) }
        return rehearsal
    }

    private static func reply(_ device: RefusingDevice, _ request: ReadRequest) -> Rehearsal.Reply {
        switch device.reply(to: request.range) {
        case .values: .init()
        case .exception(let code): .init(error: .exception(code))
        case .silence: .init(milliseconds: 1000, error: .timeout)
        }
    }

    // MARK: Bad registers

    @Test func oneIllegalRegisterIsFoundInOneScanAndAllOthersAreGoodInIt() throws {
        let rehearsal = Self.rehearsal(SamplePlant.words(0..<100)) { _ in RefusingDevice(refused: [37: 2]) }
        rehearsal.run(milliseconds: 10_500)
        let blocks = rehearsal.blocks
        #expect(blocks.count == 11 && blocks.allSatisfy { $0.header.loss.isGood })
        for block in blocks {
            #expect(block.readings.map(\.quality) == (0..<100).map { $0 == 37 ? .exception(2) : .good })
            #expect(block.readings.map(\.bits) == (0..<100).map { $0 == 37 ? 0 : UInt64($0) })
        }
        #expect(rehearsal.link.requests(from: 0, to: 900).count <= 15)
        #expect(rehearsal.link.requests(from: 900).count == 2 * 10, "and then around it")
        let quarantined = try #require(rehearsal.status.controllers[0].quarantined.first)
        #expect(quarantined.tags == ["C-01.r37"] && quarantined.cause == "bad:exception-2")
        #expect(quarantined.registers == "holding:37 (0x0025, 40038, 4x00038)")
        #expect(rehearsal.notices.all.map(\.description).count == 1, "said once")
        #expect(rehearsal.notices.all[0].cause == "exception 2 (illegal data address) for C-01.r37")
        #expect(rehearsal.link.connects.count == 1 && rehearsal.status.controllers[0].fault == nil)
    }

    @Test func aScanCostsAtMostThirtyTwoRequestsMoreAndTheSearchGoesOnInTheNext() {
        let bad = Dictionary(uniqueKeysWithValues: stride(from: 0, to: 120, by: 3).map { ($0, UInt8(2)) })
        let rehearsal = Self.rehearsal(SamplePlant.words(0..<120)) { _ in RefusingDevice(refused: bad) }
        rehearsal.run(milliseconds: 20_500)
        for second in 0..<20 as Range<Int64> {
            let asked = rehearsal.link.requests(from: second * 1000, to: second * 1000 + 999).count
            #expect(asked <= (second == 0 ? 1 : 61) + 32, "second \(second)")
        }
        #expect(rehearsal.link.requests(from: 0, to: 999).count == 33)
        #expect(rehearsal.blocks.last?.readings.filter { $0.quality == .good }.count == 80)
        #expect(rehearsal.blocks.first?.readings.filter { $0.quality == .good }.isEmpty == false)
        #expect(rehearsal.status.controllers[0].quarantined.count == 40)
    }

    @Test func aQuarantinedRegisterIsTestedRarelyAndComesBackByItself() throws {
        let rehearsal = Self.rehearsal(SamplePlant.words(0..<8)) { at in
            RefusingDevice(refused: at < 300_000 ? [3: 3] : [:])
        }
        rehearsal.run(milliseconds: 600_000)
        let tests = rehearsal.link.asked.filter { $0.range == 3..<4 }.map { $0.at / 1_000_000_000 }
        #expect(tests == [0, 61, 181, 421], "found, then a minute later, two, four, at the next scan")
        let healed = try #require(rehearsal.blocks.first { $0.readings.allSatisfy { $0.quality == .good } })
        #expect(rehearsal.time(healed) / 1000 == 421)
        #expect(rehearsal.status.controllers[0].quarantined.isEmpty)
        #expect(rehearsal.link.asked.last?.range == 0..<8)
        #expect(rehearsal.notices.all.map(\.ended) == [false, true])
        #expect(rehearsal.notices.all.last?.lasted == .milliseconds(420_991))
    }

    @Test func aControllerThatRefusesNowAndThenTeachesNothing() {
        // Ten minutes apart: a program that is being changed.
        let rehearsal = Self.rehearsal(SamplePlant.words(0..<50)) { at in
            at % 600_000 < 100 ? RefusingDevice(limit: 20) : RefusingDevice()
        }
        rehearsal.run(milliseconds: 3_500_000)
        #expect(rehearsal.lessons.all.isEmpty && rehearsal.notices.all.isEmpty)
        #expect(rehearsal.blocks.flatMap(\.readings).allSatisfy { $0.quality == .good })
        #expect(rehearsal.link.asked.last?.range == 0..<50)
    }

    @Test func aBusyControllerIsNotTakenApart() {
        let rehearsal = Self.rehearsal(SamplePlant.words(0..<50)) { at in
            RefusingDevice(refused: at > 1500 ? [20: 6] : [:])
        }
        rehearsal.run(milliseconds: 5500)
        #expect(rehearsal.link.asked.allSatisfy { $0.range == 0..<50 })
        #expect(rehearsal.blocks.last?.readings.allSatisfy { $0.quality == .exception(6) } == true)
        #expect(rehearsal.status.controllers[0].quarantined.isEmpty)
    }

    // MARK: Limits

    private static let three = SamplePlant.words(0..<60) + SamplePlant.words(200..<250) + SamplePlant.words(400..<410)

    @Test func aControllerThatAnswersAtMostThirtyTwoRegistersIsAskedForNoMoreInAnyBlock() {
        let rehearsal = Self.rehearsal(Self.three) { _ in RefusingDevice(limit: 32) }
        rehearsal.run(milliseconds: 60_500)
        #expect(rehearsal.blocks.flatMap(\.readings).allSatisfy { $0.quality == .good })
        #expect(rehearsal.lessons.all == [LearnedLimits(registers: 30)], "told once")
        #expect(
            rehearsal.notices.all.map(\.description) == [
                "C-01: answers no more than 30 registers at once; it is asked for less"
            ])
        #expect(rehearsal.status.controllers[0].learned == LearnedLimits(registers: 30))
        let later = rehearsal.link.requests(from: 2500)
        #expect(later.allSatisfy { $0.request.range.count <= 30 } && later.count == 5 * 58)
    }

    @Test func whatWasLearnedInAnEarlierRunIsUsedFromTheStart() {
        let rehearsal = Rehearsal(
            SamplePlant.plant([.init(rows: Self.three)]), learned: [0: LearnedLimits(registers: 32)])
        rehearsal.link.read = { request, _ in Self.reply(RefusingDevice(limit: 32), request) }
        rehearsal.run(milliseconds: 5500)
        #expect(rehearsal.status.failures.isEmpty && rehearsal.notices.all.isEmpty && rehearsal.lessons.all.isEmpty)
        #expect(rehearsal.status.controllers[0].learned == LearnedLimits(registers: 32))
    }

    @Test func aControllerThatTookWholeBlocksBeforeIsFoundOutAsWell() {
        // The gateway in front of it is changed while the line runs.
        let rehearsal = Self.rehearsal(SamplePlant.words(0..<60)) { at in
            RefusingDevice(limit: at < 10_000 ? .max : 32)
        }
        rehearsal.run(milliseconds: 30_500)
        #expect(rehearsal.lessons.all == [LearnedLimits(registers: 30)])
        #expect(rehearsal.link.requests(from: 13_000).allSatisfy { $0.request.range.count == 30 })
    }

    @Test func aLimitThatIsMetWithSilenceIsLearnedAndTheControllerIsNotTakenForDead() throws {
        let rehearsal = Self.rehearsal(SamplePlant.words(0..<60)) { _ in
            RefusingDevice(limit: 32, isSilentBeyondLimit: true)
        }
        rehearsal.run(milliseconds: 120_000)
        #expect(rehearsal.lessons.all == [LearnedLimits(registers: 30)])
        let good = try #require(rehearsal.blocks.first { $0.header.loss.isGood })
        #expect(rehearsal.time(good) < 15_000)
        let last = try #require(rehearsal.blocks.last { !$0.header.loss.isGood })
        #expect(rehearsal.time(last) < 30_000, "and from then on nothing is lost")
        #expect(rehearsal.status.fault == nil && rehearsal.status.controllers[0].fault == nil)
        #expect(rehearsal.notices.all.contains { $0.cause.hasPrefix("is met with silence") })
    }

    @Test func aLimitOfBitsIsOneOfItsOwn() {
        let bits = (0..<100).map {
            SamplePlant.Row(name: "b\($0)", registers: SamplePlant.range(.coil, $0), type: .bool)
        }
        let rehearsal = Self.rehearsal(SamplePlant.words(0..<60) + bits) { _ in RefusingDevice() }
        rehearsal.link.read = { request, _ in
            request.range.table.isBits && request.range.count > 50 ? .init(error: .exception(3)) : .init()
        }
        rehearsal.link.memory = { _, address, _ in UInt16(address % 3 == 0 ? 1 : 0) }
        rehearsal.run(milliseconds: 10_500)
        #expect(rehearsal.lessons.all == [LearnedLimits(bits: 50)])
        let last = rehearsal.blocks.last { $0.readings.count == 100 }
        #expect(last?.readings.map(\.bits) == (0..<100).map { $0 % 3 == 0 ? 1 : 0 }, "parts begin within a byte")
        #expect(rehearsal.link.requests(from: 5000).contains { $0.request.range.count == 60 })
    }

    /// An hour later the limit is doubted; when it still holds, that is no news.
    @Test func aLimitThatIsConfirmedIsNotToldAgain() {
        let rehearsal = Self.rehearsal(SamplePlant.words(0..<60)) { _ in RefusingDevice(limit: 32) }
        rehearsal.run(milliseconds: 4 * 3_600_000)
        #expect(rehearsal.link.asked.filter { $0.request.range.count == 60 }.count >= 4)
        #expect(rehearsal.lessons.all.count == 1 && rehearsal.notices.all.count == 1)
    }

    @Test func aLimitThatIsGoneIsTakenBack() {
        let rehearsal = Self.rehearsal(SamplePlant.words(0..<60)) { at in
            RefusingDevice(limit: at < 1_800_000 ? 32 : .max)
        }
        rehearsal.run(milliseconds: 2 * 3_600_000)
        #expect(rehearsal.link.asked.last?.range == 0..<60)
        #expect(rehearsal.status.controllers[0].learned == nil)
        #expect(rehearsal.lessons.all == [LearnedLimits(registers: 30), LearnedLimits()])
    }

    @Test func aGapThatMayNotBeReadIsCutAndToldOnce() {
        let rows = SamplePlant.words(0..<5) + SamplePlant.words(8..<12)
        let rehearsal = Self.rehearsal(rows, maxGap: 10) { _ in RefusingDevice(refused: [6: 2]) }
        rehearsal.run(milliseconds: 3 * 3_600_000)
        #expect(rehearsal.blocks.flatMap(\.readings).allSatisfy { $0.quality == .good }, "no value is lost to it")
        #expect(
            rehearsal.notices.all.map(\.description) == [
                "C-01: does not let holding:5 (0x0005, 40006, 4x00006) be read between two values; the block is cut"
            ])
        #expect(Set(rehearsal.link.requests(from: 2500, to: 3_000_000).map(\.range)) == [0..<5, 8..<12])
        #expect(rehearsal.status.controllers[0].quarantined.isEmpty && rehearsal.lessons.all.isEmpty)
    }

    // MARK: What must stay whole

    @Test func whatIsKeptTogetherIsNeverReadInTwoRequests() {
        var rows = SamplePlant.words(0..<40)
        for place in [10, 14] { rows[place].together = 1 }
        rows.append(SamplePlant.Row(name: "d", registers: SamplePlant.range(.holding, 40, 4), type: .float64))
        let rehearsal = Self.rehearsal(rows) { at in
            RefusingDevice(refused: [12: 2, 30: 3], limit: at < 60_000 ? .max : 7)
        }
        rehearsal.run(milliseconds: 200_000)
        for asked in rehearsal.link.asked {
            for whole in [10..<15, 40..<44] where asked.range.overlaps(whole) {
                #expect(asked.range.lowerBound <= whole.lowerBound && asked.range.upperBound >= whole.upperBound)
            }
        }
        #expect(rehearsal.status.controllers[0].quarantined.map(\.tags.count) == [5, 1])
    }

    // MARK: Silence

    /// Many serial devices do not answer an illegal address at all.
    @Test(arguments: [0, 50, 90])
    func aRegisterThatIsMetWithSilenceDoesNotHideTheOthers(silent: Int) throws {
        let rows = SamplePlant.words(0..<1) + SamplePlant.words(50..<52) + SamplePlant.words(90..<91)
        let rehearsal = Self.rehearsal(rows) { _ in RefusingDevice(silent: [silent]) }
        rehearsal.run(milliseconds: 59_000)
        let last = rehearsal.blocks.suffix(3)
        #expect(last.count == 3 && last.allSatisfy { $0.header.loss.isGood })
        let qualities = last.sorted { $0.header.block < $1.header.block }.flatMap(\.readings).map(\.quality)
        #expect(qualities == [0, 50, 51, 90].map { $0 == silent ? .timeout : .good })
        #expect(rehearsal.status.controllers[0].quarantined.map(\.tags) == [["C-01.r\(silent)"]])
        #expect(rehearsal.status.controllers[0].fault == nil)
    }

    /// The only value of the quickest group, which is the first to be asked for after each loss.
    @Test func aSilentGroupDoesNotHideTheControllersOtherGroups() {
        let rows = SamplePlant.words(0..<1, scan: "fast") + SamplePlant.words(50..<60)
        let rehearsal = Self.rehearsal(rows) { _ in RefusingDevice(silent: [0]) }
        rehearsal.run(milliseconds: 600_000)
        #expect(rehearsal.status.groups[1].scans > 500)
        let losses = rehearsal.blocks.filter { !$0.header.loss.isGood && $0.header.group == 1 }
        #expect(losses.count <= 8, "a test of the silent one costs the others a second now and then")
        #expect(rehearsal.status.controllers[0].quarantined.map(\.tags) == [["C-01.r0"]])
    }

    @Test func aSilentRegisterThatIsTestedAgainIsNoNews() {
        let rows = SamplePlant.words(0..<1) + SamplePlant.words(50..<51)
        let rehearsal = Self.rehearsal(rows) { _ in RefusingDevice(silent: [50]) }
        rehearsal.run(milliseconds: 4 * 3_600_000)
        #expect(rehearsal.notices.all.filter { $0.cause.hasPrefix("is met with silence") }.count == 1)
    }

    // MARK: What must not be published

    /// Bits lie eight to a byte: a value that comes back must leave its neighbours alone, and they it.
    @Test(arguments: [8, 9, 15, 16], [1, 4])
    func aBitThatComesBackAndItsNeighboursAreAllTrue(refused: Int, inFlight: Int) {
        let rows = (0..<40).map {
            SamplePlant.Row(name: "b\($0)", registers: SamplePlant.range(.coil, $0), type: .bool)
        }
        let rehearsal = Rehearsal(
            SamplePlant.plant([.init(pacing: Pacing(maxInFlight: inFlight), rows: rows)]))
        rehearsal.link.memory = { _, _, _ in 1 }
        rehearsal.link.read = { request, at in
            let covers = (Int(request.range.start)..<request.range.end).contains(refused)
            return covers && at < 20_000 ? .init(error: .exception(2)) : .init()
        }
        rehearsal.run(milliseconds: 200_000)
        let readings = rehearsal.blocks.flatMap(\.readings)
        #expect(readings.allSatisfy { $0.quality.isBad || $0.bits == 1 }, "a good bit is a true bit")
        #expect(rehearsal.blocks.last?.readings.allSatisfy { $0.quality == .good } == true)
    }

    @Test func aMomentInWhichEverythingIsRefusedCostsThatMomentOnly() throws {
        let rehearsal = Rehearsal(SamplePlant.plant([.init(rows: SamplePlant.words(0..<100))]))
        rehearsal.link.read = { _, at in (5000..<6900).contains(at) ? .init(error: .exception(2)) : .init() }
        rehearsal.run(milliseconds: 20_000)
        let bad = rehearsal.blocks.filter { $0.readings.contains { $0.quality.isBad } }
        #expect(bad.count == 2 && bad.allSatisfy { $0.readings.allSatisfy { $0.quality == .exception(2) } })
        #expect(rehearsal.status.controllers[0].quarantined.isEmpty)
        #expect(rehearsal.notices.all.map(\.ended) == [false, true])
    }

    @Test func whenOneValueComesBackAllAreAskedForAgain() {
        let rehearsal = Rehearsal(SamplePlant.plant([.init(rows: SamplePlant.words(0..<100))]))
        // Long enough to be believed: everything is quarantined.
        rehearsal.link.read = { _, at in (5000..<30_000).contains(at) ? .init(error: .exception(2)) : .init() }
        rehearsal.run(milliseconds: 150_000)
        let healed = rehearsal.blocks.first {
            rehearsal.time($0) > 31_000 && $0.readings.allSatisfy { $0.quality == .good }
        }
        #expect(healed.map { rehearsal.time($0) < 70_000 } == true, "a test later, not a test for each")
        #expect(rehearsal.notices.all.count < 10, "the log is told of the fault, not of each value")
    }

    @Test func theTestOfASilentValueLosesNobody() {
        let rehearsal = Rehearsal(
            SamplePlant.plant([.init(timeout: .milliseconds(300), rows: SamplePlant.words(0..<10))]))
        rehearsal.link.read = { request, _ in
            (Int(request.range.start)..<request.range.end).contains(5)
                ? .init(milliseconds: 300, error: .timeout) : .init()
        }
        rehearsal.run(milliseconds: 600_000)
        let losses = rehearsal.blocks.filter { !$0.header.loss.isGood && rehearsal.time($0) > 60_000 }
        #expect(losses.isEmpty, "once it is known, its tests cost a connection and nothing else")
        #expect(rehearsal.link.events.contains { if case .connect(let at) = $0 { at > 60_000 } else { false } })
        #expect(rehearsal.blocks.last?.readings.filter { $0.quality == .good }.count == 9)
    }
}
