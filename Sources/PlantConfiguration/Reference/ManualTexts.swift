import Plant

/// What is said once, for all keys: in the man page and in the page of the manual. Words of a file are in backticks.
enum ManualTexts {
    static let purpose = "everything the daemon needs to know about one plant"

    static let introduction = [
        "A configuration is `cupel.yaml` in one directory, `/etc/cupel` unless `--config` names another, and beside it the "
            + "register maps `profiles/NAME.yaml` and, where there is one, the table `tags.csv`. `cupel check` reads them "
            + "all, prints everything that is wrong with file, line and column, and else the scan plan. The daemon starts "
            + "only with a configuration without faults; on a reload the old one goes on when the new one has any.",
        "A key that is not known is an error. So is one that stands twice.",
        "A duration is a whole number and one unit: \(Duration.configurationUnits.asChoice), as in `90s`. It has no "
            + "default unit.",
        "Only `true` and `false` are flags; `yes`, `on` and `off` are words. A bare number is no text: a name that is one "
            + "stands in quotes. A number with a leading zero is refused, since readers differ about it.",
        "A section or list under a key of the form *name* has the keys of the section of that name below. A place such as "
            + "`alarms[].levels` is the key `levels` in each entry of the list `alarms`; NAME stands for any name.",
    ]

    static let table = [
        "`tags.csv` is a table in the form of RFC 4180: commas, quotes around a cell that holds a comma or a quote, and a "
            + "first line with the names of the columns. It has a column `controller`, and one for each key of a tag that "
            + "is used; an empty cell is a key that is not there. Lists and sections stand in a cell as in YAML on one "
            + "line, `\"[0, 1600]\"`. A row takes the place of a tag of the same name, whole. `cupel tags --csv` prints "
            + "the tags in this form."
    ]
}
