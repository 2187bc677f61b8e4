import Plant

/// A block in the recorder's ring that is no scan.
enum RingMark: Hashable {
    /// The numbers behind it are those of another plant, which was announced under this number. Whoever finds the ring
    /// after a kill knows what they are by the plant's layout, see `KeptRing.layout`.
    case change(number: UInt64, layout: UInt64)
    /// A run begins, UTC milliseconds. A scan that is half before it stays so: behind it its number is another scan's.
    case start(Int64)

    // No plant has so many groups.
    private static let changes = Int(UInt32.max)
    private static let starts = Int(UInt32.max) - 1

    init?(_ header: ScanHeader) {
        switch Int(header.group) {
        case RingMark.changes: self = .change(number: header.sequence, layout: UInt64(bitPattern: header.sent))
        case RingMark.starts: self = .start(Int64(bitPattern: header.sequence))
        default: return nil
        }
    }

    var header: ScanHeader {
        switch self {
        case .change(let number, let layout):
            ScanHeader(
                sequence: number, group: RingMark.changes, sent: Int64(bitPattern: layout), replied: 0, wallOffset: 0)
        case .start(let time):
            ScanHeader(
                sequence: UInt64(bitPattern: time), group: RingMark.starts, sent: 0, replied: 0, wallOffset: 0)
        }
    }

    /// As it stands in the ring.
    var block: [Cell] {
        var cells = [header.cell0, header.cell1, header.cell2]
        cells.withUnsafeMutableBufferPointer { BlockCheck.sign($0) }
        return cells
    }
}
