import Plant

extension ControllerList.Key {
    static let about = SectionAbout(
        "controller",
        "One instrument or PLC: a unit at an address. What it is like may stand here, or in a profile for all of its "
            + "model; what stands here counts.")
    static let rules: [KeyRule<ControllerList.Key>] = [.atMostOne([.product, .productFrom])]

    var reference: KeyReference {
        switch self {
        case .name:
            .required(
                .name,
                "The first half of its tags' full names, `NAME.TAG`. Unique. With another name its history begins anew."
            )
        case .description: .optional(.text("text"), "For people.")
        case .address:
            .required(
                .oneOrMore(
                    .text("HOST:PORT such as `192.168.1.20:502` or `\"[fd00::20]:502\"`"), count: 1...Limits.addresses),
                "Where it is reached; in a list the preferred one comes first, and the others are for when that fails. A "
                    + "host name is resolved once, when the configuration is loaded, and one that does not resolve is an "
                    + "error. Controllers with the same list share one connection.")
        case .unit:
            .required(
                .integer(Limits.unit),
                "The unit identifier of its requests: 255 or 1 for most devices with their own address. Behind a gateway "
                    + "a wrong one reads another instrument, whose numbers may look right; therefore it has no default."
            )
        case .profile:
            .optional(
                .name,
                "The register map, `profiles/NAME.yaml` beside the file, else in `/usr/share/cupel/profiles`. Needed unless the controller has tags of its own."
            )
        case .scan:
            .optional(
                .named(of: .duration(Limits.period)), without: "the plant's",
                "Other periods for scan classes of the plant, such as `{normal: 2s}`.")
        case .tags:
            .optional(
                .list(of: .section(of: TagDraft.Key.self)),
                without: "required where neither the profile nor `tags.csv` has any",
                "Tags of its own. One with the name of a profile's tag replaces it whole, others are added.")
        case .product:
            .optional(
                .product,
                "What it always makes, where limits depend on that. An alarm on it with `limits` needs a row for "
                    + "this product.")
        case .productFrom:
            .optional(
                .either([.choice(["heat"]), .text("a tag with states or text")]),
                "Who says what it makes: a tag, or `heat` for what the operators say with `cupel heat`. While it is not "
                    + "known, the strictest limits count.")
        }
    }
}

extension Profile.Key {
    static let about = SectionAbout(
        "profile", "A register map, `profiles/NAME.yaml`: what all controllers that name it have in common.")

    var reference: KeyReference {
        switch self {
        case .model: .optional(.text("text"), "What the map belongs to, for people.")
        case .source:
            .optional(
                .oneOrMore(.text("text"), count: 1...Limits.sources),
                "Where its facts come from: a manual or driver with its version and page. `cupel check` shows it.")
        case .grade:
            .optional(
                .choice(of: ProfileGrade.self),
                "What that is worth: A a vendor's manual, B a public driver's code, C a third party's list, D designed "
                    + "for this plant. `cupel check` shows it, so that nobody trusts a guess.")
        case .tags: .required(.list(of: .section(of: TagDraft.Key.self)), "What its controllers have to read.")
        }
    }
}
