import Testing

@testable import cupel_bench

@Suite
struct WebhookServerTests {
    private let request = Array(
        "POST /alarms HTTP/1.1\r\nHost: h\r\nContent-Length: 21\r\n\r\n[{\"seq\":1},{\"seq\":2}]".utf8)

    @Test func aRequestIsThereWhenItsBodyIs() throws {
        #expect(WebhookServer.request(in: Array(request.dropLast())) == nil)
        #expect(WebhookServer.request(in: []) == nil)
        let (body, length) = try #require(WebhookServer.request(in: request + Array("POST".utf8)))
        #expect(length == request.count)
        #expect(String(decoding: request[body], as: UTF8.self) == "[{\"seq\":1},{\"seq\":2}]")
    }

    @Test func eachObjectOfABodyIsALine() {
        let lines = WebhookServer.lines(of: Array("[{\"seq\":1},{\"seq\":2}]".utf8)[...])
        #expect(String(decoding: lines, as: UTF8.self) == "{\"seq\":1}\n{\"seq\":2}\n")
    }
}
