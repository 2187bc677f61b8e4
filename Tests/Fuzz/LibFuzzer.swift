#if LIBFUZZER
    import Glibc

    /// What libFuzzer calls for each input of its own: it grows inputs towards code that none has reached yet.
    @c(LLVMFuzzerTestOneInput)
    public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
        do {
            let input = UnsafeBufferPointer(start: bytes, count: count)
            _ = try Fuzz.run(Choices(bytes: input))
            _ = try Fuzz.runChunk(Choices(bytes: input))
        } catch {
            print("broken: \(error.what)")
            // libFuzzer keeps the input that ended the process.
            abort()
        }
        return 0
    }
#endif
