import Digest

/// Proves that a body is the daemon's, and of when: `t=1767434400,v1=5257a8...`, the shape of Stripe's signatures, for
/// which every language has a checker. v1 is the HMAC-SHA256, in hexadecimal, of the seconds, a dot and the body. A
/// receiver refuses seconds that are too far from its own, and so what somebody recorded and sends again.
struct WebhookSignature: CustomStringConvertible {
    static let header = "X-Cupel-Signature"

    let description: String

    /// - Parameter seconds: UTC since 1970.
    init(of body: [UInt8], at seconds: Int64, key: [UInt8]) {
        let code = Digest.hmacSHA256(Array("\(seconds).".utf8) + body, key: key)
        description = "t=\(seconds),v1=\(code.hex)"
    }
}
