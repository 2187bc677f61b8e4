import Foundation
import TestSupport
import Testing

/// A limit of memory that the kernel enforces upon the daemon.
///
/// The container's own systemd does it where its control groups have the memory controller. Where the controller belongs
/// to the older hierarchy, of which a container gets no part, this machine does: it puts the process into a group.
extension Machine {
    private static let older = "/sys/fs/cgroup/memory"

    static var canLimitMemory: Bool {
        FileManager.default.fileExists(atPath: "\(older)/memory.limit_in_bytes")
            || (try? String(contentsOfFile: "/sys/fs/cgroup/cgroup.controllers", encoding: .utf8))?.contains("memory")
                == true
    }

    /// Lets the daemon have no more, until the kernel has ended it for that.
    ///
    /// - Returns: how often the kernel did.
    func starve() throws -> Int {
        let process = try show("MainPID")
        guard try run("grep -q memory /sys/fs/cgroup/cgroup.controllers").status != 0 else {
            try succeed("systemctl set-property --runtime cupel MemoryMax=1M")
            _ = try eventually("its end") { try show("MainPID") == process ? nil : true }
            try succeed("systemctl set-property --runtime cupel MemoryMax=1G")
            return try succeed("journalctl -u cupel -o cat --no-pager").components(separatedBy: "oom-kill").count - 1
        }
        let group = "\(Machine.older)/cupel-test-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: group, withIntermediateDirectories: false)
        defer { rmdir(group) }
        // What it has stays where it was counted; what it writes, in a container whose files are memory, soon is too much.
        try "262144".write(toFile: "\(group)/memory.limit_in_bytes", atomically: false, encoding: .utf8)
        let outside = try #require(numberOutside(process))
        try "\(outside)".write(toFile: "\(group)/cgroup.procs", atomically: false, encoding: .utf8)
        _ = try eventually("its end") { try show("MainPID") == process ? nil : true }
        let told = try String(contentsOfFile: "\(group)/memory.oom_control", encoding: .utf8)
        let kills = told.split(separator: "\n").first { $0.hasPrefix("oom_kill ") }
        return kills.flatMap { Int($0.dropFirst(9)) } ?? 0
    }

    /// The number that this machine has for a process of the container.
    private func numberOutside(_ process: String) -> Int32? {
        let files = FileManager.default
        let all = (try? files.contentsOfDirectory(atPath: "/proc"))?.compactMap { Int32($0) } ?? []
        func space(_ process: Int32) -> String? {
            try? files.destinationOfSymbolicLink(atPath: "/proc/\(process)/ns/pid")
        }
        return all.first { candidate in
            let status = (try? String(contentsOfFile: "/proc/\(candidate)/status", encoding: .utf8)) ?? ""
            let numbers = status.split(separator: "\n").first { $0.hasPrefix("NSpid:") }
            return numbers?.split(separator: "\t").last.map(String.init) == process && space(candidate) == space(leader)
        }
    }
}
