/// What a group of diagnostic tags tells about.
public enum DiagnosticSubject: Sendable, Hashable {
    /// A line, by its first controller.
    case line(Controller.ID)
    case unit(Controller.ID)
    case group(ScanGroup.ID)
}

/// One of the figures that Cupel keeps of its own acquisition, as an ordinary tag: `@line/F-01.rtt_p99_ms`.
///
/// Counts grow from the start of the line, or its last change; rates, times and shares are those of the diagnostic
/// period that ends with the reading. What has no value in that period, such as the round trip of a line that was
/// down, is bad: never read.
public enum Diagnostic: String, Sendable, Hashable, CaseIterable {
    case connected, answers
    /// Which of its endpoints is in use, counted from 0: the preferred one.
    case endpoint
    case connects
    case ok, timeouts, refusals, disconnects
    /// Replies that were no answer to what was asked, and those that came without a question.
    case badReplies = "bad_replies"
    case strays
    case exceptions
    case exception1 = "exception_1"
    case exception2 = "exception_2"
    case exception3 = "exception_3"
    case exception4 = "exception_4"
    case exception5 = "exception_5"
    case exception6 = "exception_6"
    case exception8 = "exception_8"
    case exception10 = "exception_10"
    case exception11 = "exception_11"
    /// Tags that are left out because the controller refuses their registers.
    case quarantined
    case requestRate = "requests_per_s"
    case byteRate = "bytes_per_s"
    /// The share of the time in which the line waited for a reply.
    case busy = "busy_pct"
    case roundTripMin = "rtt_min_ms"
    case roundTripMean = "rtt_mean_ms"
    case roundTripP99 = "rtt_p99_ms"
    case roundTripMax = "rtt_max_ms"
    case requestedRate = "requested_per_s"
    case achievedRate = "achieved_per_s"
    case scans, failed, late, skipped
    case latenessMean = "lateness_mean_ms"
    case latenessMax = "lateness_max_ms"
    case passMean = "pass_mean_ms"
    case passMax = "pass_max_ms"
    /// Scans left out, as a share of those that should have been: above zero the group cannot keep its period.
    case overload = "overload_pct"

    public static let ofLine: [Diagnostic] = [
        .connected, .endpoint, .connects, .ok, .timeouts, .refusals, .disconnects, .badReplies, .strays, .exceptions,
        .requestRate, .byteRate, .busy, .roundTripMin, .roundTripMean, .roundTripP99, .roundTripMax,
    ]
    public static let ofUnit: [Diagnostic] = [
        .answers, .ok, .timeouts, .badReplies, .exceptions, .exception1, .exception2, .exception3, .exception4,
        .exception5, .exception6, .exception8, .exception10, .exception11, .quarantined, .roundTripMin, .roundTripMean,
        .roundTripP99, .roundTripMax,
    ]
    public static let ofGroup: [Diagnostic] = [
        .requestedRate, .achievedRate, .scans, .failed, .late, .skipped, .latenessMean, .latenessMax, .passMean,
        .passMax, .overload,
    ]

    public var type: ValueType {
        switch self {
        case .connected, .answers: .bool
        case .requestRate, .byteRate, .busy, .roundTripMin, .roundTripMean, .roundTripP99, .roundTripMax,
            .requestedRate, .achievedRate, .latenessMean, .latenessMax, .passMean, .passMax, .overload:
            .float32
        case .endpoint, .connects, .ok, .timeouts, .refusals, .disconnects, .badReplies, .strays, .exceptions,
            .exception1, .exception2, .exception3, .exception4, .exception5, .exception6, .exception8, .exception10,
            .exception11, .quarantined, .scans, .failed, .late, .skipped:
            .uint64
        }
    }

    public var unit: String? {
        switch self {
        case .roundTripMin, .roundTripMean, .roundTripP99, .roundTripMax, .latenessMean, .latenessMax, .passMean,
            .passMax:
            "ms"
        case .requestRate, .requestedRate, .achievedRate: "1/s"
        case .byteRate: "B/s"
        case .busy, .overload: "%"
        default: nil
        }
    }
}

/// The diagnostic tags of a plant: one group a line, a controller and a scan group, all at one period.
public enum Diagnostics {
    /// Every figure settles within it, and a day of a figure is 8 640 readings.
    public static let period: Duration = .seconds(10)
    /// The name of their scan class, and what every of their names begins with.
    public static let scan = "@"

    /// Adds the diagnostic groups and tags behind those of the controllers.
    ///
    /// - Parameters:
    ///   - groups: the groups that are read; they keep their numbers, and so do `tags`.
    public static func add(
        of controllers: [Controller], every period: Duration = Diagnostics.period, groups: inout [ScanGroup],
        tags: inout [Tag]
    ) {
        let read = groups
        var lines: Set<[Endpoint]> = []
        for controller in controllers {
            if lines.insert(controller.endpoints).inserted {
                add(.line(controller.id), "line/\(controller.name)", controller.id, period, &groups, &tags)
            }
            add(.unit(controller.id), "unit/\(controller.name)", controller.id, period, &groups, &tags)
            for group in read where group.controller == controller.id {
                add(.group(group.id), "group/\(group.name)", controller.id, period, &groups, &tags)
            }
        }
    }

    private static func add(
        _ subject: DiagnosticSubject, _ name: String, _ controller: Controller.ID, _ period: Duration,
        _ groups: inout [ScanGroup], _ tags: inout [Tag]
    ) {
        let group = groups.count
        let first = tags.count
        let figures = subject.figures
        for (slot, figure) in figures.enumerated() {
            tags.append(
                Tag(
                    id: first + slot, name: "@\(name).\(figure.rawValue)", localName: figure.rawValue,
                    unit: figure.unit, controller: controller, registers: nil, type: figure.type, diagnostic: figure,
                    group: group, slot: slot))
        }
        groups.append(
            ScanGroup(
                id: group, controller: controller, scan: scan, name: "@\(name)", period: period,
                tags: Array(first..<first + figures.count), diagnoses: subject))
    }
}

extension DiagnosticSubject {
    /// The figures of a subject, in the order of their slots.
    public var figures: [Diagnostic] {
        switch self {
        case .line: Diagnostic.ofLine
        case .unit: Diagnostic.ofUnit
        case .group: Diagnostic.ofGroup
        }
    }
}
