import Chunks
import Plant

/// Takes the values of a row apart, in one pass over its bytes.
enum RowColumns {
    /// Appends one element to each column.
    ///
    /// - Parameters:
    ///   - values: the JSON array of the row; ends with NUL.
    ///   - bad: its JSON object of qualities; ends with NUL.
    ///   - slots: ascending; one column each.
    /// - Returns: `.good`, or why the whole scan was lost.
    static func append(
        _ values: UnsafePointer<UInt8>, bad: UnsafePointer<UInt8>?, slots: [SlotFormat], to columns: inout [TagColumn]
    ) -> Quality {
        var qualities = QualityCursor(bad)
        if let loss = qualities.loss {
            for index in slots.indices { columns[index].append(bad: loss, isText: slots[index].type.isString) }
            return loss
        }
        var cursor = ValueCursor(values)
        for (index, slot) in slots.enumerated() {
            let quality = qualities.quality(of: slot.slot)
            guard cursor.move(to: slot.slot), !quality.isBad else {
                columns[index].append(bad: quality.isBad ? quality : .neverRead, isText: slot.type.isString)
                continue
            }
            if slot.type.isString {
                if let text = cursor.text() {
                    columns[index].texts.append(text)
                    columns[index].qualities.append(quality)
                } else {
                    columns[index].append(bad: .neverRead, isText: true)
                }
            } else if let bits = cursor.number(slot.type) {
                columns[index].bits.append(bits)
                columns[index].qualities.append(quality)
            } else {
                columns[index].append(bad: .neverRead, isText: false)
            }
        }
        return .good
    }
}

extension TagColumn {
    fileprivate mutating func append(bad quality: Quality, isText: Bool) {
        if isText { texts.append("") } else { bits.append(0) }
        qualities.append(quality)
    }
}
