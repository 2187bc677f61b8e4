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
        let snapshot: @Sendable () -> [AlarmLine] = { [watch] in AlarmSnapshot.lines(watch) }
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
        case .syslog(let settings):
            return SyslogOutlet(settings: settings, host: OutletShop.host)
        case .webhook(let settings):
            return SecretOutlet(acknowledges: true, batchLimit: settings.batch) {
                WebhookOutlet(settings: settings, key: try settings.keyFile.map { try secret($0) })
            }
        case .mqtt(let settings):
            return SecretOutlet(acknowledges: true, batchLimit: MQTTOutlet.inFlight, takesHeartbeats: true) {
                MQTTOutlet(
                    settings, password: try settings.passwordFile.map { try secretText($0) }, plant: plant,
                    snapshot: snapshot)
            }
        case .mail(let settings):
            return SecretOutlet(acknowledges: true, batchLimit: 1) {
                MailOutlet(
                    settings: settings, password: try settings.passwordFile.map { try secretText($0) },
                    host: OutletShop.host)
            }
        }
    }

    /// What this machine is called in messages.
    private static let host: String = {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }()

    private func secret(_ path: String) throws -> [UInt8] { try SecretFile.read(paths.path(path)) }

    private func secretText(_ path: String) throws -> String { String(decoding: try secret(path), as: UTF8.self) }
}
