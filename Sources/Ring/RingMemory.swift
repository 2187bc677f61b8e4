import CPosix
import Glibc
import Synchronization

/// Memory for a ring that outlives the process: a memfd, which somebody else keeps open meanwhile (systemd's
/// file-descriptor store) and hands to the next process.
///
/// What a process published before it was killed is whole: a publication counts with the one store that ends it, and a
/// process that is killed stops between two instructions. A process that crashed may have written anywhere before;
/// against that the elements need checks of their own.
public final class RingMemory: @unchecked Sendable {
    // Unchecked: everything in it is written by the two ends of one ring, as they do, or atomic.
    public let descriptor: CInt
    private let base: UnsafeMutableRawPointer
    private let bytes: Int

    /// At the start of the memory. Never changes, but for `layout`.
    private struct Label: ~Copyable {
        /// "CUPELRNG", the first byte first.
        static let magic: UInt64 = 0x474E_524C_4550_5543
        /// Of the memory's own form: raised when label, indices or places change.
        static let version: UInt32 = 1

        var magic = Label.magic
        var version = Label.version
        var elementBytes: UInt32
        var capacity: UInt64
        /// What the elements mean, a number of their owner's.
        let layout: Atomic<UInt64>
    }

    /// Each on a page of its own.
    private static let indicesAt = 4096
    private static let elementsAt = 8192

    /// New memory, zeros, for a ring without elements.
    ///
    /// - Parameters:
    ///   - name: what `/proc/PID/fd` shows.
    ///   - capacity: elements; a power of two, at least 2.
    ///   - layout: what the elements mean.
    init(name: String, capacity: Int, elementBytes: Int, layout: UInt64) throws(Fault) {
        bytes = RingMemory.elementsAt + capacity * elementBytes
        descriptor = cupel_memory(name, bytes)
        guard descriptor >= 0 else { throw Fault(call: "memfd_create", errno) }
        do throws(Fault) {
            base = try RingMemory.map(descriptor, bytes)
        } catch {
            close(descriptor)
            throw error
        }
        base.bindMemory(to: Label.self, capacity: 1).initialize(
            to: Label(
                elementBytes: UInt32(elementBytes), capacity: UInt64(capacity), layout: Atomic(layout)))
        (base + RingMemory.indicesAt).bindMemory(to: RingIndices.self, capacity: 1).initialize(to: RingIndices())
    }

    /// The memory that a process before this one had.
    ///
    /// - Parameter descriptor: closed by this object from now on, or right away when it throws.
    /// - Throws: why there can be no ring of such elements in it.
    init(adopting descriptor: CInt, elementBytes: Int) throws(Fault) {
        self.descriptor = descriptor
        do throws(Fault) {
            var info = stat()
            guard fstat(descriptor, &info) == 0 else { throw Fault(call: "fstat", errno) }
            bytes = Int(info.st_size)
            guard cupel_is_sealed(descriptor), bytes >= RingMemory.elementsAt else {
                throw Fault("it is no memory of a ring")
            }
            base = try RingMemory.map(descriptor, bytes)
        } catch {
            close(descriptor)
            throw error
        }
        let fault = fault(elementBytes)
        // From here on `deinit` runs.
        if let fault { throw Fault(fault) }
    }

    deinit {
        munmap(base, bytes)
        close(descriptor)
    }

    private func fault(_ elementBytes: Int) -> String? {
        let label = label
        guard label.pointee.magic == Label.magic else { return "it is no memory of a ring" }
        guard label.pointee.version == Label.version, label.pointee.elementBytes == elementBytes else {
            return "it has version \(label.pointee.version) and elements of \(label.pointee.elementBytes) bytes, "
                + "expected version \(Label.version) and \(elementBytes) bytes"
        }
        let capacity = capacity
        guard capacity >= 2, capacity & (capacity - 1) == 0,
            capacity == (bytes - RingMemory.elementsAt) / elementBytes
        else { return "it has \(bytes) bytes, which do not hold \(capacity) elements" }
        let head = indices.pointee.head.load(ordering: .acquiring)
        let tail = indices.pointee.tail.load(ordering: .acquiring)
        guard head >= 0, tail >= head, tail <= Int.max / 2, tail - head <= capacity else {
            return "its indices \(head) and \(tail) are not those of \(capacity) elements"
        }
        return nil
    }

    private static func map(_ descriptor: CInt, _ bytes: Int) throws(Fault) -> UnsafeMutableRawPointer {
        guard let base = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), base != MAP_FAILED
        else { throw Fault(call: "mmap", errno) }
        return base
    }

    private var label: UnsafeMutablePointer<Label> { base.assumingMemoryBound(to: Label.self) }
    var indices: UnsafeMutablePointer<RingIndices> {
        (base + RingMemory.indicesAt).assumingMemoryBound(to: RingIndices.self)
    }
    func elements<Element: BitwiseCopyable>(as: Element.Type) -> UnsafeMutablePointer<Element> {
        (base + RingMemory.elementsAt).assumingMemoryBound(to: Element.self)
    }

    /// Elements it has room for. Bounded, so that a label that was written over does no harm.
    public var capacity: Int { Int(clamping: label.pointee.capacity) }

    /// What the elements mean, from the first that is not released on. Any thread.
    public var layout: UInt64 {
        get { label.pointee.layout.load(ordering: .acquiring) }
        set { label.pointee.layout.store(newValue, ordering: .releasing) }
    }

    /// Why there is no such memory.
    public struct Fault: Error, CustomStringConvertible {
        public let description: String

        init(_ description: String) { self.description = description }
        init(call: String, _ code: CInt) { description = "\(call): \(String(cString: strerror(code)))" }
    }
}

extension Ring {
    /// A ring without elements in memory that may outlive the process.
    ///
    /// - Parameter layout: what the elements mean: whoever adopts the memory must know it.
    public init(capacity: Int, keptAs name: String, layout: UInt64) throws(RingMemory.Fault) {
        self.init(
            storage: RingStorage(
                memory: try RingMemory(
                    name: name, capacity: RingStorage<Element>.size(capacity),
                    elementBytes: MemoryLayout<Element>.stride, layout: layout)))
    }

    /// The ring of a process that has ended, with what it published and did not release. Looking changes nothing in it.
    ///
    /// - Parameter descriptor: its memory; closed when it is not one.
    public init(adopting descriptor: CInt) throws(RingMemory.Fault) {
        self.init(
            storage: RingStorage(
                memory: try RingMemory(adopting: descriptor, elementBytes: MemoryLayout<Element>.stride)))
    }
}
