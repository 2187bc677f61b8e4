public import Plant

/// The tags of a plant as a `tags.csv` that gives the same tags again, and the same text from those.
///
/// Every row says the whole tag, so that what a profile or a list of tags gives is in it too. Diagnostic tags are not:
/// nobody configures them. `together` is a key of the controller and stays in `cupel.yaml`.
///
/// - Parameter pattern: which tags, by their full names; all that are configured by default.
public func tagsText(of plant: Plant, matching pattern: String = "*") -> String {
    let pattern = NamePattern(pattern)
    let rows = plant.tags.filter { $0.diagnostic == nil && pattern.matches($0.name) }.map { tag in
        TagColumn.allCases.map { $0.cell(of: tag, in: plant) ?? "" }
    }
    let header = TagColumn.allCases.map(\.rawValue)
    return ([header] + rows).map { $0.map(\.inTable).joined(separator: ",") + "\n" }.joined()
}

/// The columns of an export. `linear` is not among them: scale and offset say the same exactly.
private enum TagColumn: String, CaseIterable {
    case controller, name, register, expr, type, length, packing, order, scale, offset, unit, description, range, clamp
    case loop, invalid, states, expect, scan, counter, step, resolution
    case stuckAfter = "stuck_after"
    case qualityFrom = "quality_from"

    /// `nil` where the tag has the default.
    func cell(of tag: Tag, in plant: Plant) -> String? {
        let controller = plant.controllers[tag.controller]
        switch self {
        case .controller: return controller.name
        case .name: return tag.localName
        case .register: return tag.registerText(controller.notation)
        case .expr: return tag.formula?.text
        case .type: return tag.type.word
        case .length: return tag.type.isString ? "\(tag.type.registers)" : nil
        case .packing: return tag.packing == .highLow ? nil : tag.packing.rawValue
        case .order: return tag.order == .abcd ? nil : tag.order.text(of: tag.type)
        case .scale: return tag.scale == 1 ? nil : tag.scale.short
        case .offset: return tag.offset == 0 ? nil : tag.offset.short
        case .unit: return tag.unit
        case .description: return tag.description
        case .range: return tag.range?.inFlow
        case .clamp: return tag.rules.clamps ? "true" : nil
        case .loop: return tag.rules.loop?.inFlow
        case .invalid: return tag.invalid.isEmpty ? nil : tag.invalid.map(\.short).inFlow
        case .states: return tag.states.isEmpty ? nil : tag.states.inFlow
        case .expect: return tag.expect?.short
        case .scan: return plant.groups[tag.group].scan
        case .counter: return tag.rules.isCounter ? "true" : nil
        case .step: return tag.isStepped ? "true" : nil
        case .resolution: return tag.resolution?.short
        case .stuckAfter: return tag.rules.stuckAfter?.configured
        case .qualityFrom: return tag.rules.status.map { $0.inFlow(of: plant.tags[$0.tag]) }
        }
    }
}

extension WordOrder {
    /// Eight letters for eight bytes.
    fileprivate func text(of type: ValueType) -> String { type.registers == 4 ? longName : rawValue }
}

extension String {
    /// A cell of RFC 4180: in quotes when it holds what parts cells. Spaces at its ends are kept by quotes too, which
    /// not every reader needs.
    fileprivate var inTable: String {
        let parts = unicodeScalars.contains { "\",\n\r".unicodeScalars.contains($0) }
        guard parts || hasPrefix(" ") || hasSuffix(" ") else { return self }
        return "\"\(doubling("\""))\""
    }
}
