/// How the values of a chunk or a column of a span are written; the raw values are the format.
enum Coding: UInt8 {
    /// One value for all.
    case constant = 0
    /// First value and step, and all lie on that line.
    case progression = 1
    /// Lengths of runs, and the difference of each run's value to that of the one before.
    case runs = 2
    /// Distances to a line through them, as Rice codes.
    case line = 3
    /// Differences to the value before and the usual step, as Rice codes.
    case difference = 4
    /// Differences to the difference before, as Rice codes.
    case secondDifference = 5
    /// Bits that changed since the value before.
    case exclusive = 6
    /// A dictionary and runs of its entries.
    case texts = 7
}

/// What the integers of a chunk stand for.
enum NumberForm: UInt8 {
    /// Raw bits, wrapping.
    case integer = 0
    /// A float is the integer / 10^n; n in the byte behind the header.
    case decimal = 1
    /// The bits of a float in the order of its numbers, without so many zeros at their end as the next byte says.
    case floatBits = 2
    // 3 is free: a reader that does not know it finds the chunk damaged, never another value.
}
