import Store

/// Why the daemon could not start, in words for the person who must do something about it, and sysexits' code.
public struct StartError: Error, CustomStringConvertible {
    public let description: String
    public let exitCode: Int32

    init(_ description: String, exitCode: Int32) { (self.description, self.exitCode) = (description, exitCode) }

    init(_ error: any Error) {
        switch error {
        case let error as StoreError: self.init("\(error)", exitCode: error.exitCode)
        default: self.init("\(error)", exitCode: 70)
        }
    }
}
