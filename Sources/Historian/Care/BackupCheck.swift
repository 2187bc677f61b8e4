import Plant
import Store

/// A backup read back: the files of its manifest, block by block, and the databases in themselves.
struct BackupCheck {
    let folder: String
    /// The databases are looked at as well, not only their bytes.
    var looksInside = true

    /// What the copies lack, and how many findings they have from the originals.
    struct Outcome {
        var findings: [Finding] = []
        var inherited = 0
    }

    func run(progress: (CareProgress) -> Void) throws(StoreError) -> Outcome {
        let manifest = try BackupManifest(folder: folder)
        var outcome = Outcome()
        for file in manifest.files {
            let path = "\(folder)/\(file.name)"
            guard let bytes = DurableFile.bytes(path) else {
                outcome.findings.append(
                    Finding(.missing, file: file.name, "it is in the manifest, and not in \(folder)"))
                continue
            }
            let sums = try BlockChecksums.of(path) {
                progress(CareProgress(.checking, file: file.name, done: $0, total: bytes))
            }
            guard bytes == file.bytes else {
                outcome.findings.append(Finding(.damaged, file: file.name, "\(bytes) bytes, expected \(file.bytes)"))
                continue
            }
            for (block, (found, expected)) in zip(sums, file.checksums).enumerated() where found != expected {
                let at = Int64(block) * Int64(file.blockBytes)
                outcome.findings.append(
                    Finding(.damaged, file: file.name, "the \(file.blockBytes) bytes from byte \(at) on have changed"))
            }
            guard looksInside, outcome.findings.isEmpty else { continue }
            let verify = Verify(path: path, depth: .quick)
            let report =
                file.name == "journal.db"
                ? try verify.journal(progress: progress) : try verify.history(progress: progress)
            // What was wrong with the original is wrong with its copy: only what the copy itself lacks counts.
            let own = report.findings.filter { $0.kind == .structure || $0.kind == .schema }
            outcome.findings += own
            outcome.inherited += report.damages - own.count
        }
        return outcome
    }
}
