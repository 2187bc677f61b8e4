/// What SQLite holds of a table and of a cursor of the history: its own part first, then the Swift object behind it.
#pragma once

#include <sqlite3.h>

typedef struct cupel_table {
    sqlite3_vtab base;
    /// A retained `VirtualTable`.
    void *object;
} cupel_table;

typedef struct cupel_cursor {
    sqlite3_vtab_cursor base;
    /// A retained `VirtualCursor`.
    void *object;
} cupel_cursor;
