import Plant

/// How a tag's reading is kept: as its registers hold it, or rounded to whole steps of the tag's resolution.
struct SlotForm {
    /// The type of the number in the row.
    let type: ValueType
    /// Value = number x scale + offset; `nil` when the number is the value, and for text.
    let scale: Double?
    let offset: Double?
    private let rounding: Rounding?

    private struct Rounding {
        let type: ValueType
        let scale: Double
        let offset: Double
        let resolution: Double
    }

    /// Beyond it not every integer is a double: a value is no longer a whole number of steps that could be told.
    static let stepsMax = 0x1p53

    init(_ tag: Tag) {
        if let resolution = tag.resolution, resolution > 0, resolution.isFinite, tag.type.isFloat {
            rounding = Rounding(type: tag.type, scale: tag.scale, offset: tag.offset, resolution: resolution)
            (type, scale, offset) = (.int64, resolution, 0)
        } else {
            rounding = nil
            type = tag.type
            let isPlain = tag.isUnscaled || tag.type.isString
            (scale, offset) = isPlain ? (nil, nil) : (tag.scale, tag.offset)
        }
    }

    /// The reading as the row keeps it.
    @inline(__always)
    func kept(_ reading: RawReading) -> RawReading { rounding == nil ? reading : rounded(reading) }

    private func rounded(_ reading: RawReading) -> RawReading {
        guard let rounding, !reading.quality.isBad else { return reading }
        let value = rounding.type.rawNumber(reading.bits) * rounding.scale + rounding.offset
        let steps = (value / rounding.resolution).rounded()
        var kept = reading
        if steps.magnitude <= SlotForm.stepsMax {
            kept.bits = UInt64(bitPattern: Int64(steps))
        } else {
            (kept.bits, kept.quality) = (0, .notANumber)
        }
        return kept
    }
}
