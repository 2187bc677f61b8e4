import UnixSignals

/// Waits for SIGINT or SIGTERM, which no longer end the process by themselves.
func untilInterrupted() async {
    for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { return }
}
