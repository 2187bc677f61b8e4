import Annunciation
import Glibc
import Historian
import Plant
import Watch

/// Makes the outlets of sinks from their definitions.
struct OutletShop: Sendable {
    let paths: StatePaths
    let plant: String
    let watch: Watch
    /// All programs together have so many places.
    private let gate = ExecGate()

    init(paths: StatePaths, plant: String, watch: Watch) {
        (self.paths, self.plant, self.watch) = (paths, plant, watch)
    }

    func outlet(_ definition: SinkDefinition) -> any Outlet {
        let filter = SinkFilter(definition, offset: { _ in 0 })
        let snapshot: @Sendable () -> [AlarmLine] = { [watch] in AlarmSnapshot.lines(watch).filter(filter.shows) }
        switch definition.kind {
        case .fifo(let path):
            return FifoOutlet(path: paths.path(path), snapshot: snapshot)
        case .exec(let argv, let timeout):
            return ExecOutlet(argv: argv, timeout: timeout, gate: gate)
        case .journald:
            return JournaldOutlet()
        case .stdout(let format):
            return StdoutOutlet(format)
        case .file(var settings):
            settings.path = paths.path(settings.path)
            return FileOutlet(settings)
        case .syslog(var settings):
            settings.caFile = settings.caFile.map(paths.path)
            return SyslogOutlet(settings: settings, host: OutletShop.host)
        case .webhook(var settings):
            settings.caFile = settings.caFile.map(paths.path)
            return SecretOutlet(acknowledges: true, batchLimit: settings.batch) { [settings] in
                try secret(settings.keyFile)
            } make: { [settings] in
                WebhookOutlet(settings: settings, key: $0)
            }
        case .mqtt(var settings):
            // A broker keeps what it was shown: also what is over must be said again.
            let snapshot: @Sendable () -> [AlarmLine] = { [watch] in
                AlarmSnapshot.everyLine(watch).filter(filter.shows)
            }
            settings.caFile = settings.caFile.map(paths.path)
            return SecretOutlet(acknowledges: true, batchLimit: MQTTOutlet.inFlight, takesHeartbeats: true) {
                [settings] in
                try secret(settings.passwordFile)
            } make: { [settings, plant] in
                MQTTOutlet(settings, password: OutletShop.text($0), plant: plant, snapshot: snapshot)
            }
        case .mail(var settings):
            settings.caFile = settings.caFile.map(paths.path)
            return SecretOutlet(acknowledges: true, batchLimit: 1) { [settings] in
                try secret(settings.passwordFile)
            } make: { [settings] in
                MailOutlet(settings: settings, password: OutletShop.text($0), host: OutletShop.host)
            }
        }
    }

    /// What this machine is called in messages.
    private static let host: String = {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }()

    private func secret(_ path: String?) throws -> [UInt8]? { try path.map { try SecretFile.read(paths.path($0)) } }

    private static func text(_ secret: [UInt8]?) -> String? { secret.map { String(decoding: $0, as: UTF8.self) } }
}
