import ArgumentParser

/// How rows are printed.
struct RowOptions: ParsableArguments {
    @Option(help: "table, csv, json or ndjson; a terminal gets a table, a pipe CSV.") var format: RowFormat?

    var chosen: RowFormat { format ?? (Output.isTerminal ? .table : .csv) }

    /// Prints all rows of a source. Ctrl-C and a damaged chunk end the output behind a whole row.
    ///
    /// - Throws: exit 1 without any row, 130 after Ctrl-C.
    func print(_ source: some RowSource, times: TimeColumn, _ history: HistoryOptions) throws {
        let printer = RowPrinter(chosen, source.columns, times: times)
        let progress = ProgressBar.ofCommand
        Interruption.begin()
        var isWhole = false
        do {
            // What was found before a chunk turned out to be damaged is still good.
            defer {
                progress.end()
                printer.end(isWhole: isWhole)
            }
            try history.explaining {
                let sink = RowSink(
                    row: { cells in
                        try Interruption.check()
                        printer.row(cells)
                    },
                    reached: { part in
                        try Interruption.check()
                        progress.reached(part)
                    })
                try source.rows(sink)
            }
            isWhole = true
        } catch is Interrupted {
            throw ExitCode.interrupted
        }
        if printer.rows == 0 { throw ExitCode(1) }
    }
}

/// Rows that are there already.
struct ListedRows: RowSource {
    let columns: [Column]
    let list: [[Cell?]]

    func estimate(atMost: Int) -> Int { min(list.count, atMost) }
    func rows(_ sink: RowSink) throws { for row in list { try sink.row(row) } }
}
