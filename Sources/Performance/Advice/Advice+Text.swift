import Plant

extension Advice {
    static func text(
        _ setting: AlarmSetting, _ noise: NoiseEstimate?, _ present: Outcome, _ recommended: Outcome?
    ) -> String {
        guard present.nuisances >= needed else {
            return "leave it as it is: \(present.nuisances) of \(present.raises) raises were fleeting or chattered"
        }
        guard let recommended else {
            return "no deadband or delay that was tried spares 9 in 10 of its \(present.nuisances) fleeting or "
                + "chattering raises without missing some that lasted or taking half the time to respond"
        }
        let changes = [
            deadband(setting, noise, recommended.tuning),
            delay("on-delay", setting.tuning.onDelay, recommended.tuning.onDelay),
            delay("off-delay", setting.tuning.offDelay, recommended.tuning.offDelay),
        ].compactMap(\.self)
        let detection =
            recommended.detectedLatest == 0
            ? "nothing detected later"
            : "detected \(spoken(recommended.detectedLater)) later (median; at worst "
                + "\(spoken(recommended.detectedLatest)))"
        let back =
            recommended.returnsLater == 0
            ? "return to normal no later (median)"
            : "return to normal \(spoken(recommended.returnsLater)) later (median)"
        return changes.joined(separator: ", ")
            + ": \(present.raises - recommended.raises) of \(present.raises) raises fewer, \(detection), \(back)"
    }

    private static func deadband(_ setting: AlarmSetting, _ noise: NoiseEstimate?, _ tuning: Tuning) -> String? {
        let old = setting.tuning.deadband
        guard tuning.deadband != old else { return nil }
        let unit = setting.unit.isEmpty ? "" : " \(setting.unit)"
        let sigmas = noise.map { " (\(decimal($0.sigmas(tuning.deadband))) sigma of its noise)" } ?? ""
        return "deadband \(old) -> \(tuning.deadband)\(unit)\(sigmas)"
    }

    private static func delay(_ name: String, _ old: Int64, _ new: Int64) -> String? {
        old == new ? nil : "\(name) \(spoken(old)) -> \(spoken(new))"
    }
}
