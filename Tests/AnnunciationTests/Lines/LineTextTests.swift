import Plant
import Testing

@testable import Annunciation

@Suite struct LineTextTests {
    private let line = AlarmLine(
        sequence: 7, json: "{}\n", text: "the usual line\n", severity: 1, rank: 3, announces: true,
        fields: [.alarm: "high:F-1.t", .priority: "critical", .value: "1502", .unit: "degC", .text: "a < b & c"])

    @Test(arguments: [
        ("{{priority}} {{alarm}}: {{text}}", "critical high:F-1.t: a < b & c\n"),
        ("{{#value}}{{value}} {{unit}}{{/value}}{{^limit}} no limit{{/limit}}", "1502 degC no limit\n"),
        ("{{line}}!", "the usual line!\n"),
    ])
    func aTemplateIsFilledIn(_ template: String, _ text: String) throws {
        #expect(try LineText(template).applied(to: line).text == text)
    }

    @Test func programsReadItInTheJSONToo() throws {
        let line = AlarmLine(
            sequence: 7, json: "{\"text\":\"a \\\"b\\\" /c\",\"why\":\"\\\"text\\\":\\\"a\\\"\"}\n", text: "x\n",
            severity: 1,
            rank: 3, announces: true, fields: [.text: "a \"b\" /c", .alarm: "hot"])
        let said = try LineText("{{alarm}}: {{text}}!").applied(to: line)
        #expect(said.json == "{\"text\":\"hot: a \\\"b\\\" /c!\",\"why\":\"\\\"text\\\":\\\"a\\\"\"}\n")
        #expect(said.fields[.text] == "hot: a \"b\" /c!")
        #expect(said.again.sequence == 7)
    }

    @Test func aLongTemplateDoesNotMakeTheJSONLongerThanALineMayBe() throws {
        let filling = String(repeating: "y", count: 3000)
        let line = AlarmLine(
            sequence: 7, json: "{\"guidance\":\"\(filling)\",\"text\":\"hot\"}\n", text: "x\n", severity: 1, rank: 3,
            announces: true, fields: [.text: "hot"])
        let said = try LineText(String(repeating: "\"é", count: 1000)).applied(to: line)
        #expect(said.json.utf8.count <= 4096 && said.json.utf8.count > 3500)
        #expect(said.json.hasSuffix("\"}\n"))
        #expect(said.text.count == 2001)
    }

    @Test func aLineStaysOneLine() throws {
        let line = AlarmLine(
            sequence: 7, json: "{}\n", text: "x\n", severity: 1, rank: 3, announces: true,
            fields: [.why: "a\nb\u{2028}c"])
        #expect(try LineText("{{why}}").applied(to: line).text == "a b c\n")
    }

    @Test func heartbeatsAndGapsSayWhatTheySay() throws {
        let gap = AlarmLine.gap(from: 3, to: 9, lost: 5)
        #expect(try LineText("{{alarm}}").applied(to: gap).text == gap.text)
        #expect(gap.json == "{\"from\":3,\"lost\":5,\"to\":9,\"what\":\"gap\"}\n")
        #expect(AlarmLine.gap(from: nil, to: nil, lost: 2).json == "{\"lost\":2,\"what\":\"gap\"}\n")
    }
}
