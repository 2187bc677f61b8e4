import Testing

@testable import Modbus

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("127.0.0.1", [UInt8(127), 0, 0, 1]), ("10.20.255.1", [10, 20, 255, 1]), ("0.0.0.0", [0, 0, 0, 0]),
        ("::1", Array(repeating: 0, count: 15) + [1]),
        ("2001:db8::a:1", [0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0A, 0, 1]),
    ])
    func anAddressIsItsBytesAndItsText(text: String, bytes: [UInt8]) throws {
        let address = try #require(IPAddress(text))
        #expect(address.bytes == bytes)
        #expect(address.isFour == (bytes.count == 4))
        #expect(address.description == text)
    }

    @Test(arguments: ["", "localhost", "1.2.3", "1.2.3.256", ":::"])
    func anythingElseIsNone(text: String) { #expect(IPAddress(text) == nil) }
}
