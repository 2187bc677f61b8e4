#include "CHistoryTables.h"

#include <stddef.h>

// SQLite hands back pointers to its own parts.
_Static_assert(offsetof(cupel_table, base) == 0, "a table begins with SQLite's part");
_Static_assert(offsetof(cupel_cursor, base) == 0, "a cursor begins with SQLite's part");
