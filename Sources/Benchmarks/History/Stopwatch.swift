import CBaseline

/// Milliseconds of each of several runs, after one that nobody counts: all of them find the same pages in memory.
///
/// CPU time of this thread, because other programs would be measured too otherwise; with the pages in memory a machine
/// that has nothing else to do takes no longer.
func milliseconds(trials: Int, _ body: (_ trial: Int) throws -> Void) throws -> [Double] {
    try body(0)
    return try (0..<trials).map { trial in
        let begin = baseline_thread_cpu()
        try body(trial)
        return Double(baseline_thread_cpu() - begin) / 1e6
    }
}
