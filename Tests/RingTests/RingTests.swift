import Ring
import Testing

@Suite struct RingTests {
    @Test(arguments: [(-1, 2), (0, 2), (1, 2), (2, 2), (3, 4), (4, 4), (5, 8), (1000, 1024)])
    func capacityIsTheNextPowerOfTwo(asked: Int, given: Int) {
        let ring = Ring<UInt64>(capacity: asked)
        #expect(ring.producer.storage.capacity == given)
    }

    @Test func aNewRingIsEmpty() {
        var ring = Ring<UInt64>(capacity: 4)
        let available = ring.consumer.available()
        #expect(available == 0)
        #expect(ring.producer.storage.count == 0)
        #expect(ring.producer.storage.highWater == 0)
        #expect(ring.producer.storage.refusedPublications == 0)
        #expect(ring.producer.storage.refusedElements == 0)
    }

    @Test func whatIsPublishedTogetherArrivesTogetherAndInOrder() {
        var ring = Ring<UInt64>(capacity: 8)
        let published = ring.producer.publish([1, 2, 3])
        let available = ring.consumer.available()
        #expect(published)
        #expect(available == 3)
        #expect(ring.consumer.peek() == 1)
        #expect(ring.consumer.peek(2) == 3)
        let taken = ring.consumer.take(3)
        #expect(taken == [1, 2, 3])
    }

    @Test func peekingTakesNothing() {
        var ring = Ring<UInt64>(capacity: 2)
        _ = ring.producer.publish(7)
        _ = ring.consumer.available()
        #expect(ring.consumer.peek() == 7)
        #expect(ring.consumer.peek() == 7)
        #expect(ring.producer.storage.count == 1)
    }

    @Test func whatWasPassedStaysUntilItIsReleased() {
        var ring = Ring<UInt64>(capacity: 4)
        _ = ring.producer.publish([1, 2, 3])
        _ = ring.consumer.available()
        ring.consumer.pass(2)
        #expect(ring.consumer.position == 2)
        #expect(ring.producer.storage.waiting == 1)
        #expect(ring.producer.storage.count == 3)
        let early = ring.producer.publish([4, 5])
        ring.consumer.release(through: 1)
        let late = ring.producer.publish([4, 5])
        #expect(!early && late)
        ring.consumer.release(through: 0)
        #expect(ring.producer.storage.count == 4, "what is released stays so")
        #expect(ring.consumer.peek() == 3)
        #expect(ring.producer.storage.waiting == 3)
    }

    @Test func aPublicationThatDoesNotFitIsRefusedWholeAndCounted() {
        var ring = Ring<UInt64>(capacity: 4)
        let first = ring.producer.publish([1, 2, 3])
        let refused = ring.producer.publish([4, 5])
        let last = ring.producer.publish(6)
        #expect(first && !refused && last)
        #expect(ring.producer.storage.refusedPublications == 1)
        #expect(ring.producer.storage.refusedElements == 2)
        let available = ring.consumer.available()
        let taken = ring.consumer.take(available)
        #expect(taken == [1, 2, 3, 6])
    }

    @Test func roomThatIsKeptIsOnlyForThoseWhoDoNotLeaveIt() {
        var ring = Ring<UInt64>(capacity: 8)
        let elements: [UInt64] = [1, 2, 3]
        let modest = (0..<3).map { _ in elements.withUnsafeBufferPointer { ring.producer.publish($0, leaving: 2) } }
        #expect(modest == [true, true, false])
        #expect(ring.producer.storage.refusedElements == 3)
        let important = ring.producer.publish([7, 8])
        #expect(important)
        let available = ring.consumer.available()
        let taken = ring.consumer.take(available)
        #expect(taken == [1, 2, 3, 1, 2, 3, 7, 8])
    }

    @Test func aPublicationLargerThanTheRingIsRefusedEvenWhenItIsEmpty() {
        var ring = Ring<UInt64>(capacity: 2)
        let published = ring.producer.publish([1, 2, 3])
        #expect(!published)
        #expect(ring.producer.storage.refusedElements == 3)
        #expect(ring.producer.storage.count == 0)
    }

    @Test func anEmptyPublicationIsNoPublication() {
        var ring = Ring<UInt64>(capacity: 2)
        let published = ring.producer.publish(UnsafeBufferPointer<UInt64>(start: nil, count: 0))
        let available = ring.consumer.available()
        #expect(published)
        #expect(available == 0)
        #expect(ring.producer.storage.highWater == 0)
    }

    @Test func takingNothingNeedsNoBuffer() {
        var ring = Ring<UInt64>(capacity: 2)
        _ = ring.producer.publish(1)
        _ = ring.consumer.available()
        ring.consumer.take(0, into: UnsafeMutableBufferPointer(start: nil, count: 0))
        #expect(ring.producer.storage.count == 1)
    }

    @Test func theConsumerSeesLaterPublicationsOnlyWhenItsOwnAreTaken() {
        // Documented: it looks at the shared index when it knows of nothing, so a block it started stays what it was.
        var ring = Ring<UInt64>(capacity: 4)
        _ = ring.producer.publish([1, 2])
        let first = ring.consumer.available()
        _ = ring.producer.publish(3)
        let unchanged = ring.consumer.available()
        ring.consumer.skip(2)
        let second = ring.consumer.available()
        #expect(first == 2 && unchanged == 2 && second == 1)
    }

    @Test func highWaterIsTheMostThatEverWaited() {
        var ring = Ring<UInt64>(capacity: 8)
        for _ in 0..<20 {
            _ = ring.producer.publish([1, 2, 3])
            let available = ring.consumer.available()
            ring.consumer.skip(available)
        }
        #expect(ring.producer.storage.highWater == 3)
        _ = ring.producer.publish([1, 2, 3])
        _ = ring.producer.publish([4, 5])
        #expect(ring.producer.storage.highWater == 5)
    }

    @Test func bothEndsShareOneStorage() {
        let ring = Ring<UInt64>(capacity: 2)
        #expect(ring.producer.storage === ring.consumer.storage)
    }

    @Test func misuseOfTheConsumerTraps() async {
        await #expect(processExitsWith: .failure) {
            let ring = Ring<UInt64>(capacity: 2)
            _ = ring.consumer.peek()
        }
        await #expect(processExitsWith: .failure) {
            var ring = Ring<UInt64>(capacity: 2)
            _ = ring.producer.publish([1, 2])
            _ = ring.consumer.available()
            _ = ring.consumer.peek(-1)
        }
        await #expect(processExitsWith: .failure) {
            var ring = Ring<UInt64>(capacity: 2)
            ring.consumer.skip(1)
        }
        await #expect(processExitsWith: .failure) {
            var ring = Ring<UInt64>(capacity: 2)
            _ = ring.producer.publish(1)
            _ = ring.consumer.available()
            ring.consumer.skip(-1)
        }
        await #expect(processExitsWith: .failure) {
            var ring = Ring<UInt64>(capacity: 2)
            _ = ring.producer.publish([1, 2])
            _ = ring.consumer.available()
            var one: UInt64 = 0
            withUnsafeMutablePointer(to: &one) {
                ring.consumer.take(2, into: UnsafeMutableBufferPointer(start: $0, count: 1))
            }
        }
    }
}
