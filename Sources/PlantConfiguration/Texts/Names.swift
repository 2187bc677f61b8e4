extension Value {
    /// A name of a controller, a tag, a scan class, a rule or a sink. `.` joins a controller and its tag, `:` a rule
    /// and its tag, `*` is a wildcard, `/` joins a controller and its scan class: none of them can be in a name.
    func name() -> String? {
        text("a name of letters, digits, _ and -", as: checkedName)
    }
}

func checkedName(_ text: String) throws(Expected) -> String {
    guard text.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || $0 == "_" || $0 == "-" }) else {
        throw Expected("a name of letters, digits, _ and -")
    }
    guard text.count <= Limits.nameLength else {
        throw Expected("at most \(Limits.nameLength) characters", found: "\(text.count) characters")
    }
    return text
}
