import Plant

/// Who says what a unit is making, its tag not yet looked up.
enum ProductRule {
    case fixed(String)
    /// A tag of the controller, or a full name.
    case tag(String, Value)
    case heat

    init?(fixed: Value?, from source: Value?) {
        switch (fixed, source) {
        case (nil, nil): return nil
        case (.some, let source?):
            source.reject(found: "product and product_from", expected: "one of them")
            return nil
        case (let fixed?, nil):
            guard let name = fixed.productName() else { return nil }
            self = .fixed(name)
        case (nil, let source?):
            guard let text = source.text("a tag such as product_code, or heat") else { return nil }
            self = text == "heat" ? .heat : .tag(text, source)
        }
    }
}
