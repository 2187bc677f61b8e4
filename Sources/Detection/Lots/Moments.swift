/// Mean, overall and within scatter of numbers in their order, in one pass and without a sum of squares: that loses all
/// digits when the scatter is small beside the mean (NIST StRD NumAcc4). After Welford, Technometrics 4 (1962).
public struct Moments: Hashable, Sendable {
    public private(set) var count = 0
    public private(set) var mean = 0.0
    private var squares = 0.0
    private var ranges = 0.0
    private var last: Double?

    public init(_ numbers: some Sequence<Double> = []) {
        for number in numbers { take(number) }
    }

    public mutating func take(_ number: Double) {
        count += 1
        let distance = number - mean
        mean += distance / Double(count)
        squares += distance * (number - mean)
        if let last { ranges += (number - last).magnitude }
        last = number
    }

    /// The sample standard deviation, with n - 1; `nil` below two numbers.
    public var overall: Double? { count > 1 ? (squares / Double(count - 1)).squareRoot() : nil }

    /// The mean moving range of two neighbours by d2; `nil` below two numbers.
    public var within: Double? { count > 1 ? ranges / Double(count - 1) / Self.d2 : nil }

    /// The mean range of two normal numbers in sigma.
    public static let d2 = 2 / Double.pi.squareRoot()
}
