import Console
import Testing

struct AnnotationTests {
    @Test(arguments: [
        (AnnotationRequest(text: " \n", tag: nil, start_ms: nil, end_ms: nil), "no text"),
        (
            AnnotationRequest(
                text: String(repeating: "é", count: AnnotationRequest.textLimit / 2 + 1), tag: nil, start_ms: nil,
                end_ms: nil), "4098 bytes"
        ),
        (AnnotationRequest(text: "x", tag: nil, start_ms: 5, end_ms: 4), "an end before"),
        (AnnotationRequest(text: "x", tag: nil, start_ms: nil, end_ms: 4), "without a beginning"),
        (AnnotationRequest(text: "x", tag: nil, start_ms: .max, end_ms: nil), "years 1 to 9999"),
    ])
    func refuses(request: AnnotationRequest, fault: String) {
        #expect(request.fault?.contains(fault) == true)
    }

    @Test func takesNotes() {
        let long = String(repeating: "x", count: AnnotationRequest.textLimit)
        #expect(AnnotationRequest(text: long, tag: "X.a", start_ms: 5, end_ms: 5).fault == nil)
        #expect(AnnotationRequest(text: "x", tag: nil, start_ms: nil, end_ms: nil).fault == nil)
    }
}
