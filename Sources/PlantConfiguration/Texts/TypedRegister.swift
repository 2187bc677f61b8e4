public import Plant

/// A register as a person types it on a command line, read by the rules of the configuration files.
public struct TypedRegister: Hashable, Sendable {
    public let table: RegisterTable
    /// The wire address, 0...65 535.
    public let address: Int

    /// What was found, and what could have stood there.
    public struct Mistake: Error, Hashable, CustomStringConvertible {
        public let description: String
    }

    /// What is printed can be typed again: `holding:10` is the wire address also for an instrument whose manual has
    /// Modicon numbers, because only `40011` is one.
    public init(_ text: String, notation: AddressNotation = .zeroBased) throws(Mistake) {
        let isWire = notation == .modicon && text.contains(":")
        do throws(Expected) {
            let register = try RegisterText(text, notation: isWire ? .zeroBased : notation)
            guard register.bits == nil else { throw Expected("a whole register, without a bit") }
            (table, address) = (register.table, register.address)
        } catch {
            throw Mistake(description: "found \(error.found ?? text.quoted), expected \(error.expected)")
        }
    }
}
