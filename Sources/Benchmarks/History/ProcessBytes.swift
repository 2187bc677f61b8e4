import Glibc

/// Bytes that this process has handed to the kernel with `write` and its kin (proc(5), `wchar`): what a disk would have to
/// take, whether the cache of the kernel has passed it on yet or not.
func writtenBytes() throws(BenchmarkFailure) -> Int {
    let descriptor = open("/proc/self/io", O_RDONLY)
    guard descriptor >= 0 else { throw BenchmarkFailure("/proc/self/io: \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = read(descriptor, &bytes, bytes.count)
    for line in String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: "\n") {
        if line.hasPrefix("wchar: "), let number = Int(line.dropFirst(7)) { return number }
    }
    throw BenchmarkFailure("/proc/self/io has no wchar")
}

/// Bytes of a database with its log.
func storedBytes(_ path: String) -> Int {
    [path, path + "-wal"].reduce(0) { sum, name in
        var status = stat()
        return stat(name, &status) == 0 ? sum + Int(status.st_size) : sum
    }
}
