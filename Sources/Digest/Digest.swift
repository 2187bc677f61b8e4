import CCrypto

/// SHA-256 (FIPS 180-4) and HMAC-SHA256 (RFC 2104), by OpenSSL's libcrypto. Any thread.
public enum Digest {
    /// Bytes of a digest.
    public static let byteCount = Int(SHA256_DIGEST_LENGTH)

    public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: byteCount) { digest, count in
            _ = CCrypto.SHA256(bytes, bytes.count, digest.baseAddress)
            count = byteCount
        }
    }

    /// - Parameter key: of any length, also none.
    public static func hmacSHA256(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: byteCount) { digest, count in
            let made = HMAC(
                EVP_sha256(), key, CInt(key.count), bytes, bytes.count, digest.baseAddress, nil)
            // It fails only without memory, and nothing is ever signed with what was there before.
            precondition(made != nil, "libcrypto could not make a digest")
            count = byteCount
        }
    }
}

extension Sequence<UInt8> {
    /// Two digits a byte, in small letters.
    public var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
