// libcurl as Debian ships it. Its setters and getters are variadic, which Swift does not import: one for each kind of
// argument.
#pragma once
#include <curl/curl.h>

static inline CURLcode cupel_curl_set_long(CURL *curl, CURLoption option, long value) {
    return curl_easy_setopt(curl, option, value);
}
static inline CURLcode cupel_curl_set_text(CURL *curl, CURLoption option, const char *value) {
    return curl_easy_setopt(curl, option, value);
}
static inline CURLcode cupel_curl_set_pointer(CURL *curl, CURLoption option, const void *value) {
    return curl_easy_setopt(curl, option, value);
}
typedef size_t (*cupel_curl_transfer)(char *bytes, size_t size, size_t count, void *context);
static inline CURLcode cupel_curl_set_transfer(CURL *curl, CURLoption option, cupel_curl_transfer value) {
    return curl_easy_setopt(curl, option, value);
}
typedef int (*cupel_curl_progress)(void *context, curl_off_t down, curl_off_t downNow, curl_off_t up, curl_off_t upNow);
static inline CURLcode cupel_curl_set_progress(CURL *curl, cupel_curl_progress value) {
    return curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, value);
}
static inline CURLcode cupel_curl_get_long(CURL *curl, CURLINFO info, long *value) {
    return curl_easy_getinfo(curl, info, value);
}
static inline CURLcode cupel_curl_get_socket(CURL *curl, curl_socket_t *value) {
    return curl_easy_getinfo(curl, CURLINFO_ACTIVESOCKET, value);
}
static inline CURLcode cupel_curl_get_offset(CURL *curl, CURLINFO info, curl_off_t *value) {
    return curl_easy_getinfo(curl, info, value);
}
/// The text is libcurl's, until the next transfer of the handle.
static inline CURLcode cupel_curl_get_text(CURL *curl, CURLINFO info, const char **value) {
    return curl_easy_getinfo(curl, info, value);
}
typedef int (*cupel_curl_dialogue)(CURL *curl, curl_infotype type, char *bytes, size_t count, void *context);
static inline CURLcode cupel_curl_set_dialogue(CURL *curl, cupel_curl_dialogue value) {
    return curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, value);
}
