import CPosix
import Glibc
import Testing

@testable import Ring

@Suite struct RingMemoryTests {
    private func ring(_ capacity: Int = 8, layout: UInt64 = 7) throws -> Ring<UInt64> {
        try Ring(capacity: capacity, keptAs: "test", layout: layout)
    }

    /// What another process would get.
    private func handed(_ ring: borrowing Ring<UInt64>) throws -> CInt {
        dup(try #require(ring.producer.storage.memory).descriptor)
    }

    @Test func whatWasPublishedAndNotReleasedIsThereForTheNext() throws {
        var first = try ring()
        _ = first.producer.publish([1, 2, 3, 4, 5])
        _ = first.consumer.available()
        first.consumer.skip(2)
        first.consumer.pass(2)
        _ = first.producer.publish([6, 7, 8, 9])
        _ = first.producer.publish([10, 10])
        #expect(first.producer.storage.refusedElements == 2, "5 to 8 wait")
        let descriptor = try handed(first)
        var next = try Ring<UInt64>(adopting: descriptor)
        let (capacity, layout) = (next.producer.storage.capacity, next.producer.storage.memory?.layout)
        #expect(capacity == 8)
        #expect(layout == 7)
        #expect(next.producer.storage.count == 7)
        let published = next.producer.publish([11])
        #expect(published)
        let count = next.consumer.available()
        let taken = next.consumer.take(count)
        #expect(taken == [3, 4, 5, 6, 7, 8, 9, 11])
    }

    @Test func itOutlivesWhoMadeIt() throws {
        var descriptor: CInt = -1
        do {
            var first = try ring()
            _ = first.producer.publish([1, 2])
            first.producer.storage.memory?.layout = 9
            descriptor = try handed(first)
        }
        var next = try Ring<UInt64>(adopting: descriptor)
        let count = next.consumer.available()
        let taken = next.consumer.take(count)
        #expect(taken == [1, 2])
        let layout = next.producer.storage.memory?.layout
        #expect(layout == 9)
    }

    @Test func itSaysWhatItIsNot() throws {
        func fault(_ descriptor: CInt) -> String? {
            do {
                _ = try Ring<UInt64>(adopting: descriptor)
                return nil
            } catch {
                return "\(error)"
            }
        }
        #expect(fault(-1) == "fstat: Bad file descriptor")
        #expect(fault(open("/dev/null", O_RDWR)) == "it is no memory of a ring")
        #expect(fault(cupel_memory("test", 100)) == "it is no memory of a ring")
        #expect(fault(cupel_memory("test", 1 << 16)) == "it is no memory of a ring")
        let narrow = try Ring<UInt32>(capacity: 8, keptAs: "test", layout: 0)
        let other = dup(narrow.producer.storage.memory?.descriptor ?? -1)
        #expect(
            fault(other) == "it has version 1 and elements of 4 bytes, expected version 1 and 8 bytes")
        for (place, value) in [(16, 1 << 20), (16, 7), (4096 + 128, 9), (4096, 9), (4096 + 128, -1), (4096, .max)] {
            var ring = try ring()
            _ = ring.producer.publish([1, 2])
            let descriptor = try handed(ring)
            withUnsafeBytes(of: value) { _ = pwrite(descriptor, $0.baseAddress, 8, off_t(place)) }
            #expect(fault(descriptor)?.contains("not") == true, "\(value) at \(place)")
        }
    }

    @Test func aMemoryThatCouldBecomeSmallerIsNotMapped() throws {
        let ring = try ring()
        let source = try handed(ring)
        var bytes = [UInt8](repeating: 0, count: 1 << 14)
        let count = pread(source, &bytes, bytes.count, 0)
        close(source)
        let path = "/tmp/ring-\(getpid())"
        let file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
        unlink(path)
        _ = pwrite(file, bytes, count, 0)
        #expect(throws: RingMemory.Fault.self) { _ = try Ring<UInt64>(adopting: file) }
        #expect(fcntl(file, F_GETFD) == -1, "it is closed")
    }
}
