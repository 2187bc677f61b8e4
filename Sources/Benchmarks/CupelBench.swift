import ArgumentParser

/// The figures of the product, each beside a baseline in plain C in the same run.
///
/// Absolute times are worth little on another machine; the ratios are what the README promises.
@main
struct CupelBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cupel-bench", abstract: "Measures Cupel beside plain C, on loopback only.",
        subcommands: [
            RingCommand.self, EngineCommand.self, RestartCommand.self, RateCommand.self, IsolationCommand.self,
            FloorCommand.self,
            LoadCommand.self,
            LatencyCommand.self, AlarmsCommand.self, KillCommand.self, HistoryCommand.self, ReplayBenchCommand.self,
            FarmCommand.self,
            LoopCommand.self,
        ])
}
