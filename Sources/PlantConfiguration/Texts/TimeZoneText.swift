import Glibc

let timeZoneForm = "an IANA time zone such as Asia/Seoul or UTC"

/// Checks an IANA name. Without the folder of zones, as in a small container, any well-formed name is believed.
func checkedTimeZone(_ text: String, folder: String) throws(Expected) -> String {
    let expected = Expected(timeZoneForm)
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let letters = text.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || "/_+-".contains($0) }
    guard letters, !parts.contains(where: \.isEmpty) else { throw expected }
    guard isFolder(folder) else { return text }
    // The folder also holds tables of text; a zone begins with the magic of tzfile(5).
    guard let file = fopen("\(folder)/\(text)", "re") else { throw expected }
    defer { fclose(file) }
    var magic = [UInt8](repeating: 0, count: 4)
    guard fread(&magic, 1, 4, file) == 4, magic == Array("TZif".utf8) else { throw expected }
    return text
}
