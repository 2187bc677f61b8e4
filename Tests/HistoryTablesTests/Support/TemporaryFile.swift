import Glibc

/// A name for a file that goes away with the test.
final class TemporaryFile {
    let path: String

    init() {
        var template = Array("/tmp/cupel-tables-XXXXXX".utf8CString)
        let made = mkdtemp(&template) != nil
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) + (made ? "/db" : "")
    }

    deinit {
        unlink(path)
        rmdir(String(path.dropLast(3)))
    }
}
