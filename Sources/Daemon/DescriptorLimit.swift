import Glibc

/// How many files and sockets the daemon may have open.
///
/// A line needs two, a reader of the socket or of the alarm stream one; the usual soft limit of 1 024 is kept low for programs that use
/// select(2) with any number they get. Here only libmodbus does, and it is given low numbers.
enum DescriptorLimit {
    /// Enough for ten thousand lines, whatever the hard limit is.
    static let wanted: rlim_t = 32_768

    /// Raises the soft limit as far as is wanted and allowed.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        guard limit.rlim_cur < wanted else { return }
        limit.rlim_cur = min(wanted, limit.rlim_max)
        // Without it the daemon serves as many lines as it can; each line that cannot be opened says so.
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
