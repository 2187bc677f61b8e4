import Plant

@testable import PlantConfiguration

extension EscalationPolicy {
    /// One line: `escalation urgent critical of F-* until acknowledged; 5m: pager; 10m: pager manager 3 times every 5m`.
    var outline: String {
        let priorities = Priority.allCases.filter(priorities.contains).map(\.rawValue).joined(separator: " ")
        let match = match.isEmpty ? "" : " of " + match.map(\.text).joined(separator: " ")
        let end = endsWithClear ? "" : " until acknowledged"
        let steps = steps.map { step in
            "; \(step.wait.configured): \(step.sinks.joined(separator: " "))"
                + (step.times == 1 ? "" : " \(step.times) times every \(step.every.configured)")
        }
        return "escalation \(name) \(priorities)\(match)\(end)" + steps.joined()
    }
}
