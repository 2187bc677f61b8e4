// What the package holds instead of ICU's data: 34 MB about every language and place, of which a daemon that writes
// numbers and ISO times asks nothing; its time zones are the machine's (Sources/CZones). An empty table is what ICU calls
// "stubdata": https://unicode-org.github.io/icu/userguide/icu_data
//
// The Makefile lets the linker take it where Foundation's ICU asks for its own, whose name has ICU's version in it: with
// another toolchain it may be another, and the package is large again, which a test of the installed package sees.
#include <stdint.h>

__attribute__((aligned(16))) const struct {
    // DataHeader (icu4c/source/common/ucmndata.h), and udata.h's UDataInfo in it.
    uint16_t header_size;
    uint8_t magic[2];
    uint16_t info_size, info_reserved;
    uint8_t is_big_endian, charset, size_of_char, reserved;
    uint8_t format[4], format_version[4], data_version[4];
    uint8_t padding[8];
    // UDataOffsetTOC: no entry.
    uint32_t count, entries[3];
} cupel_no_languages = {
    .header_size = 32,
    .magic = {0xda, 0x27},
    .info_size = 20,
    .size_of_char = 2,
    .format = {'T', 'o', 'C', 'P'},
    .format_version = {1},
};
