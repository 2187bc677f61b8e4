/// Every function of SQLite that the Swift code calls, under its own name and hidden: inside the extension these names
/// mean the host's SQLite. One that is missing here is found by `make extension`.
#include "Routines.h"

#define FORWARD(result, name, parameters, arguments)                                                                  \
    __attribute__((visibility("hidden"))) result sqlite3_##name parameters { return cupel_routines->name arguments; }
#define FORWARD_VOID(name, parameters, arguments)                                                                     \
    __attribute__((visibility("hidden"))) void sqlite3_##name parameters { cupel_routines->name arguments; }

// Memory and errors.
FORWARD(void *, malloc64, (sqlite3_uint64 bytes), (bytes))
FORWARD_VOID(free, (void *memory), (memory))
FORWARD(const char *, errmsg, (sqlite3 *db), (db))
FORWARD(int, extended_errcode, (sqlite3 *db), (db))

// Statements.
FORWARD(int, prepare_v3,
        (sqlite3 *db, const char *sql, int bytes, unsigned int flags, sqlite3_stmt **statement, const char **tail),
        (db, sql, bytes, flags, statement, tail))
FORWARD(int, step, (sqlite3_stmt *statement), (statement))
FORWARD(int, reset, (sqlite3_stmt *statement), (statement))
FORWARD(int, finalize, (sqlite3_stmt *statement), (statement))
FORWARD(int, bind_int64, (sqlite3_stmt *statement, int index, sqlite3_int64 value), (statement, index, value))
FORWARD(int, bind_text, (sqlite3_stmt *statement, int index, const char *text, int bytes, void (*done)(void *)),
        (statement, index, text, bytes, done))
FORWARD(const void *, column_blob, (sqlite3_stmt *statement, int column), (statement, column))
FORWARD(int, column_bytes, (sqlite3_stmt *statement, int column), (statement, column))
FORWARD(double, column_double, (sqlite3_stmt *statement, int column), (statement, column))
FORWARD(sqlite3_int64, column_int64, (sqlite3_stmt *statement, int column), (statement, column))
FORWARD(const unsigned char *, column_text, (sqlite3_stmt *statement, int column), (statement, column))
FORWARD(int, column_type, (sqlite3_stmt *statement, int column), (statement, column))

// Virtual tables.
FORWARD(int, create_module_v2,
        (sqlite3 *db, const char *name, const sqlite3_module *module, void *client, void (*done)(void *)),
        (db, name, module, client, done))
FORWARD(int, declare_vtab, (sqlite3 *db, const char *sql), (db, sql))
FORWARD(const char *, vtab_collation, (sqlite3_index_info *info, int index), (info, index))
FORWARD(int, vtab_in, (sqlite3_index_info *info, int index, int handle), (info, index, handle))
FORWARD(int, vtab_in_first, (sqlite3_value *list, sqlite3_value **value), (list, value))
FORWARD(int, vtab_in_next, (sqlite3_value *list, sqlite3_value **value), (list, value))
FORWARD(int, vtab_rhs_value, (sqlite3_index_info *info, int index, sqlite3_value **value), (info, index, value))

// Values.
FORWARD(int, value_bytes, (sqlite3_value *value), (value))
FORWARD(double, value_double, (sqlite3_value *value), (value))
FORWARD(sqlite3_int64, value_int64, (sqlite3_value *value), (value))
FORWARD(int, value_numeric_type, (sqlite3_value *value), (value))
FORWARD(const unsigned char *, value_text, (sqlite3_value *value), (value))
FORWARD(int, value_type, (sqlite3_value *value), (value))
FORWARD_VOID(result_double, (sqlite3_context *context, double value), (context, value))
FORWARD_VOID(result_int64, (sqlite3_context *context, sqlite3_int64 value), (context, value))
FORWARD_VOID(result_null, (sqlite3_context *context), (context))
FORWARD_VOID(result_text, (sqlite3_context *context, const char *text, int bytes, void (*done)(void *)),
             (context, text, bytes, done))
FORWARD_VOID(result_text64,
             (sqlite3_context *context, const char *text, sqlite3_uint64 bytes, void (*done)(void *),
              unsigned char encoding),
             (context, text, bytes, done, encoding))

// Texts.
FORWARD(int, strglob, (const char *pattern, const char *text), (pattern, text))
FORWARD(int, stricmp, (const char *a, const char *b), (a, b))
FORWARD(int, strlike, (const char *pattern, const char *text, unsigned int escape), (pattern, text, escape))
