import Plant

/// These stand in profiles and controllers.
extension DeviceKey {
    static let about = SectionAbout("device", "What a device is like.")

    var reference: KeyReference {
        let usual = Pacing()
        return switch self {
        case .timeout:
            .optional(
                .duration(Limits.timeout), usual: .written(PlantAssembly.defaultTimeout),
                "How long a reply may take. Too short and a slow instrument is called dead; too long and one that is dead "
                    + "holds up the others behind its gateway.")
        case .notation:
            .optional(
                .choice(of: AddressNotation.self), usual: .word(AddressNotation.zeroBased),
                "How registers are counted: zero-based (`holding:0` is the first), one-based (`holding:1` is the first) or "
                    + "modicon (`40001` is the first). In the wrong one every value comes from the register beside it.")
        case .heartbeat:
            .optional(
                .localTag,
                "The tag that must keep changing. While it stands still for `heartbeat_timeout`, every tag of the "
                    + "controller is uncertain (frozen): it answers, but its program may have stopped.")
        case .pause:
            .optional(
                .duration(Limits.pause), usual: .written(usual.pause),
                "Left between a reply and the next request, for instruments that lose requests. Each scan takes so much "
                    + "longer for each of its requests.")
        case .together:
            .optional(
                .list(of: .list(of: .localTag, least: 2)),
                "Lists of tags that are read in one request, such as `[[pv, pv_status]]`, so that a value and its status "
                    + "are of one moment. They must be of one scan class and one table, and fit into a request.")
        case .release:
            .optional(
                .flag, usual: .flag(usual.releases),
                "`true` closes the connection between scans, for a device that serves one client at a time. Each scan then "
                    + "takes a new connection.")
        case .maxRegisters:
            .optional(
                .integer(Limits.registers), usual: .count(Limits.registers.upperBound), unit: "registers",
                "The largest block it answers. Too large and it answers with an exception; too small and a scan needs more "
                    + "requests. No tag may be longer.")
        case .maxGap:
            .optional(
                .integer(Limits.gap), usual: .count(Limits.gap.lowerBound), unit: "registers",
                "Unused registers that one request may read to join two values. Larger saves requests; some instruments "
                    + "refuse a block with a register in it that does not exist.")
        case .heartbeatTimeout:
            .optional(
                .duration(Limits.heartbeat), usual: .written(PlantAssembly.defaultHeartbeatTimeout),
                "How long the heartbeat may stand still. Longer than the period it is read with.")
        case .unitPause:
            .optional(
                .duration(Limits.pause), usual: .written(usual.unitPause),
                "Left before another unit behind the same gateway is asked; `pause` counts where it is longer.")
        case .connectDelay:
            .optional(
                .duration(Limits.connectDelay), usual: .written(usual.connectDelay),
                "Left between connecting and the first request, for devices that are not ready at once.")
        case .connectTimeout:
            .optional(
                .duration(Limits.timeout), without: "`timeout`",
                "How long connecting may take. Where several addresses are given, each that is dead costs so much.")
        case .maxInFlight:
            .optional(
                .integer(Limits.inFlight), usual: .count(usual.maxInFlight), unit: "requests",
                "Requests on their way at once. Many instruments take only one and lose or mix up the others; only 1 is "
                    + "allowed with a pause.")
        case .unchangedAfter:
            .optional(
                .duration(Limits.standstill), without: "never",
                "A block that stays the same in every bit for so long is uncertain (frozen). Longer than the longest scan "
                    + "period; too short and a plant at rest is called frozen.")
        }
    }
}
