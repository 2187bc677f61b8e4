/// Numbers and times as people write them in the detail of a finding.
enum Wording {
    /// `1500`, `0.25`: no `.0` where there are no decimals.
    static func number(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? String(Int64(number)) : number.description
    }

    /// `40 s` below two minutes, `12 min` below two hours, then `5 h`; to the nearest.
    static func time(milliseconds: Int64) -> String {
        let unit = Unit(milliseconds: Double(milliseconds))
        return "\(unit.count(Double(milliseconds))) \(unit.name)"
    }

    /// `14 min (9-31)`, in the unit of the middle.
    static func time(milliseconds middle: Double, from low: Double, to high: Double) -> String {
        let unit = Unit(milliseconds: middle)
        return "\(unit.count(middle)) \(unit.name) (\(unit.count(low))-\(unit.count(high)))"
    }

    private struct Unit {
        let name: String
        let milliseconds: Double

        init(milliseconds: Double) {
            switch milliseconds {
            case ..<120_000: (name, self.milliseconds) = ("s", 1000)
            case ..<7_200_000: (name, self.milliseconds) = ("min", 60_000)
            default: (name, self.milliseconds) = ("h", 3_600_000)
            }
        }

        /// Rounded; a year stands for everything that is longer.
        func count(_ time: Double) -> Int64 {
            Int64((min(max(time, 0), 365 * 86_400_000) / milliseconds).rounded())
        }
    }

    /// Sentences of one detail; `nil` when there are none.
    static func join(_ a: String?, _ b: String?) -> String? {
        guard let a, let b else { return a ?? b }
        return "\(a), \(b)"
    }
}
