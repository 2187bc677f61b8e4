import Foundation
import Glibc
import TestSupport

/// A disk of the test's own, mounted on a directory while this lives. Only root can.
final class Mount {
    enum Disk {
        /// In memory, of so many bytes.
        case memory(bytes: Int)
        /// ext4 in a file. With `turnsReadOnly` an error of the file system makes it read-only.
        case ext4(turnsReadOnly: Bool = false)
    }

    /// Bytes of an ext4 image: its journal alone takes four million.
    private static let imageBytes = 64 << 20

    private let path: String
    private let disk: Disk
    private var image: String { path + ".img" }

    init(_ disk: Disk, at path: String) throws {
        (self.path, self.disk) = (path, disk)
        if case .ext4 = disk {
            guard FileManager.default.createFile(atPath: image, contents: nil),
                truncate(image, Mount.imageBytes) == 0
            else { throw TestFailure("\(image): \(String(cString: strerror(errno)))") }
            try Mount.tool("mkfs.ext4", "-q", "-F", image)
        }
        try mount()
    }

    deinit {
        // The last one who used it may still be ending.
        for _ in 0..<50 {
            if (try? Mount.tool("umount", path)) != nil { break }
            usleep(100_000)
        }
        unlink(image)
    }

    private func mount() throws {
        switch disk {
        case .memory(let bytes): try Mount.tool("mount", "-t", "tmpfs", "-o", "size=\(bytes)", "tmpfs", path)
        case .ext4(let turnsReadOnly):
            try Mount.tool("mount", "-o", turnsReadOnly ? "loop,errors=remount-ro" : "loop", image, path)
        }
    }

    /// Another size, for a disk in memory.
    func resize(bytes: Int) throws { try Mount.tool("mount", "-o", "remount,size=\(bytes)", path) }

    /// Takes all the space that is left, and gives it back.
    func fill() throws {
        let ballast = open(path + "/ballast", O_CREAT | O_WRONLY | O_APPEND, 0o600)
        guard ballast >= 0 else { throw TestFailure("ballast: \(String(cString: strerror(errno)))") }
        defer { close(ballast) }
        let block = [UInt8](repeating: 0xAA, count: 4096)
        while write(ballast, block, block.count) > 0 {}
    }

    func free() { unlink(path + "/ballast") }

    /// What a power cut leaves: from this moment nothing reaches the disk any more, not even the file system's journal.
    /// Every process that uses it must have ended before `restart`.
    func cutPower() throws {
        // EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH, linux/fs/ext4/ext4.h.
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        var flags: UInt32 = 2
        guard descriptor >= 0, ioctl(descriptor, 0x8004_587D, &flags) == 0 else {
            throw TestFailure("shutdown of ext4: \(String(cString: strerror(errno)))")
        }
    }

    /// Unmounts and mounts again, as a machine does that starts anew.
    func restart() throws {
        try Mount.tool("umount", path)
        try mount()
    }

    /// The file system finds an error, and turns read-only.
    func breakDown() throws {
        let device = try Mount.tool("findmnt", "-n", "-o", "SOURCE", path)
        let trigger = "/sys/fs/ext4/\(URL(fileURLWithPath: device).lastPathComponent)/trigger_fs_error"
        try "test".write(toFile: trigger, atomically: false, encoding: .utf8)
    }

    @discardableResult
    private static func tool(_ name: String, _ arguments: String...) throws -> String {
        let end = try Program("/usr/bin/env", [name] + arguments).exit()
        guard end.status == 0 else { throw TestFailure("\(name) \(arguments): \(end.errors)") }
        return end.output
    }

    // MARK: Whether it can be done here

    /// Why no disk can be mounted in memory; `nil` when one can.
    static let obstacleInMemory: String? = obstacle { try Mount(.memory(bytes: 1 << 20), at: $0) }
    /// Why the power of an ext4 file system cannot be cut.
    static let obstacleOnDisk: String? = obstacle { path in
        let mount = try Mount(.ext4(), at: path)
        try mount.cutPower()
        return mount
    }

    private static func obstacle(_ attempt: (String) throws -> Mount) -> String? {
        guard getuid() == 0 else { return "only root can mount a disk" }
        do {
            let yard = try Plantyard()
            _ = try attempt(yard.state)
            return nil
        } catch {
            return "this machine does not let a test mount a disk: \(error)"
        }
    }
}
