import Foundation
import Glibc
import TestSupport

/// Makes the writes of a program fail and moves its clock, while it runs: `Shim/fault_shim.c` in front of its libc.
final class FaultShim {
    /// What `struct control` in the shim holds.
    private struct Control {
        var clockNanoseconds: Int64 = 0
        var writeFault: Int32 = 0
        var writeEvery: Int32 = 0
        var syncFault: Int32 = 0
        var syncEvery: Int32 = 0
        var hits: Int32 = 0
    }

    enum Fault: Sendable {
        case write(errno: Int32)
        /// Only half of the bytes are written.
        case shortWrite
        case sync(errno: Int32)
    }

    private let control: UnsafeMutablePointer<Control>
    private let path: String
    private let file: String

    /// - Parameter file: what is in the names of the files whose writes fail: without `-wal` the database and its log.
    init(in directory: String, file: String = "history.db-wal") throws {
        path = directory + "/faults"
        self.file = file
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        let size = MemoryLayout<Control>.stride
        guard descriptor >= 0, ftruncate(descriptor, size) == 0,
            let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), memory != MAP_FAILED
        else { throw TestFailure("\(path): \(String(cString: strerror(errno)))") }
        control = memory.bindMemory(to: Control.self, capacity: 1)
    }

    deinit { munmap(control, MemoryLayout<Control>.stride) }

    /// For the program under test.
    var environment: [String: String] {
        get throws { ["LD_PRELOAD": try FaultShim.library.get(), "CUPEL_FAULTS": path, "CUPEL_FAULT_NAME": file] }
    }

    /// Calls that failed so far.
    var hits: Int { Int(control.pointee.hits) }

    /// From now on one call in so many fails.
    func begin(_ fault: Fault, every count: Int32 = 1) {
        switch fault {
        case .write(let code): (control.pointee.writeEvery, control.pointee.writeFault) = (count, code)
        case .shortWrite: (control.pointee.writeEvery, control.pointee.writeFault) = (count, -1)
        case .sync(let code): (control.pointee.syncEvery, control.pointee.syncFault) = (count, code)
        }
    }

    func end() { (control.pointee.writeFault, control.pointee.syncFault) = (0, 0) }

    /// By how much the program's wall clock is off.
    func setClock(off: Duration) {
        let (seconds, attoseconds) = off.components
        control.pointee.clockNanoseconds = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    // MARK: The library

    /// Compiled once in a run of the tests.
    private static let library = Result { try compile() }
    /// Why faults cannot be injected; `nil` when they can.
    static let obstacle: String? =
        if case .failure(let error) = library { "the shim cannot be compiled: \(error)" } else { nil }

    private static func compile() throws -> String {
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Shim/fault_shim.c"
        let library = NSTemporaryDirectory() + "/cupel-fault-shim-\(getpid()).so"
        let end = try Program(
            "/usr/bin/env", ["cc", "-O2", "-Wall", "-shared", "-fPIC", "-o", library, source, "-ldl"]
        )
        .exit()
        guard end.status == 0 else { throw TestFailure(end.errors) }
        atexit { unlink(NSTemporaryDirectory() + "/cupel-fault-shim-\(getpid()).so") }
        return library
    }
}
