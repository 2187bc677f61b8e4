// The floor: what a careful engineer writes in C in an afternoon. A thread and a libmodbus context a controller, one
// buffer under a mutex, and a writer that inserts one row a reading, in one transaction a commit interval. No quality,
// no check of a reply beyond libmodbus's own, no alarm states; durable as the daemon is (WAL, synchronous=FULL).
#define _GNU_SOURCE
#include "CBaseline.h"

#include <arpa/inet.h>
#include <modbus.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    tag_limit = 1000,
    // An even number, so that no float is split; 125 is the most a request may ask for.
    block_registers = 124,
    // A minute of 20 000 readings a second; beyond it readings are dropped and counted.
    buffer_limit = 1 << 21,
    connect_pause_us = 100000,
    stack_bytes = 256 * 1024,
};

struct reading {
    int64_t time;
    uint32_t tag;
    float value;
};

struct buffer {
    struct reading *readings;
    size_t count;
};

static const struct baseline_floor *options;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct buffer filling, draining;
// Set one after the other: the writer's last transaction comes when no device is read any more.
static _Atomic bool stopping, all_read;
static _Atomic uint64_t read_count, missed_polls, errors, dropped, written;
static int alarm_socket = -1;

static int64_t utc_microseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void sleep_until(int64_t monotonic) {
    struct timespec until = {.tv_sec = monotonic / 1000000000, .tv_nsec = monotonic % 1000000000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

static void tell(int device, bool alarm) {
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(options->alarm_port)};
    char text[32];
    int length = snprintf(text, sizeof text, "%s %d", alarm ? "raise" : "clear", device);
    sendto(alarm_socket, text, length, 0, (struct sockaddr *)&to, sizeof to);
}

static void keep(const struct reading *readings, size_t count) {
    pthread_mutex_lock(&lock);
    if (filling.count + count <= buffer_limit) {
        memcpy(filling.readings + filling.count, readings, count * sizeof *readings);
        filling.count += count;
    } else {
        dropped += count;
    }
    pthread_mutex_unlock(&lock);
}

static void reconnect(modbus_t *context) {
    modbus_close(context);
    while (!stopping && modbus_connect(context) != 0) usleep(connect_pause_us);
}

/// Reads all registers of a device. Returns false when a block failed.
static bool read_all(modbus_t *context, uint16_t *registers) {
    int count = 2 * options->tags;
    for (int start = 0; start < count; start += block_registers) {
        int block = count - start < block_registers ? count - start : block_registers;
        if (modbus_read_registers(context, start, block, registers + start) != block) return false;
    }
    return true;
}

static void *poll_device(void *argument) {
    int device = (int)(intptr_t)argument;
    modbus_t *context = modbus_new_tcp("127.0.0.1", options->ports[device]);
    uint16_t registers[2 * tag_limit];
    struct reading readings[tag_limit];
    bool alarm = false;
    prctl(PR_SET_TIMERSLACK, 1000UL);
    modbus_set_slave(context, 1);
    reconnect(context);
    int64_t next = baseline_now() + options->period_ns * device / options->devices;
    while (!stopping) {
        sleep_until(next);
        if (read_all(context, registers)) {
            int64_t time = utc_microseconds();
            for (int tag = 0; tag < options->tags; tag++)
                readings[tag] = (struct reading){
                    time, device * tag_limit + tag, modbus_get_float_abcd(registers + 2 * tag)};
            if ((readings[0].value > 100) != alarm) {
                alarm = !alarm;
                if (alarm_socket >= 0) tell(device, alarm);
            }
            keep(readings, options->tags);
            read_count += options->tags;
        } else {
            errors++;
            reconnect(context);
        }
        next += options->period_ns;
        for (int64_t now = baseline_now(); next < now; next += options->period_ns) missed_polls++;
    }
    modbus_close(context);
    modbus_free(context);
    return NULL;
}

static void require(int code, sqlite3 *database) {
    if (code == SQLITE_OK || code == SQLITE_DONE) return;
    fprintf(stderr, "floor: %s\n", sqlite3_errmsg(database));
    exit(74);
}

static void insert(sqlite3 *database, sqlite3_stmt *statement, const struct buffer *buffer) {
    if (buffer->count == 0) return;
    require(sqlite3_exec(database, "BEGIN", NULL, NULL, NULL), database);
    for (size_t i = 0; i < buffer->count; i++) {
        sqlite3_bind_int64(statement, 1, buffer->readings[i].time);
        sqlite3_bind_int64(statement, 2, buffer->readings[i].tag);
        sqlite3_bind_double(statement, 3, buffer->readings[i].value);
        require(sqlite3_step(statement), database);
        sqlite3_reset(statement);
    }
    require(sqlite3_exec(database, "COMMIT", NULL, NULL, NULL), database);
    written += buffer->count;
}

static void *write_all(void *argument) {
    (void)argument;
    sqlite3 *database;
    sqlite3_stmt *statement;
    require(sqlite3_open(options->database, &database), database);
    require(sqlite3_exec(database,
                         "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                         "CREATE TABLE IF NOT EXISTS reading(time INTEGER, tag INTEGER, value REAL)",
                         NULL, NULL, NULL),
            database);
    require(sqlite3_prepare_v2(database, "INSERT INTO reading VALUES(?1, ?2, ?3)", -1, &statement, NULL), database);
    int64_t next = baseline_now();
    for (bool last = false; !last;) {
        next += options->commit_ns;
        while (!all_read && baseline_now() < next) {
            int64_t look = baseline_now() + 100000000;
            sleep_until(look < next ? look : next);
        }
        last = all_read;
        pthread_mutex_lock(&lock);
        struct buffer full = filling;
        filling = draining;
        filling.count = 0;
        draining = full;
        pthread_mutex_unlock(&lock);
        insert(database, statement, &draining);
    }
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return NULL;
}

int baseline_floor(const struct baseline_floor *given) {
    if (given->tags < 1 || given->tags > tag_limit || given->devices < 1 || given->period_ns < 1) return 64;
    options = given;
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    filling.readings = malloc(buffer_limit * sizeof(struct reading));
    draining.readings = malloc(buffer_limit * sizeof(struct reading));
    pthread_t *threads = calloc(given->devices, sizeof *threads), writer;
    if (!filling.readings || !draining.readings || !threads) return 71;
    if (given->alarm_port) alarm_socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stack_bytes);
    if (pthread_create(&writer, NULL, write_all, NULL) != 0) return 71;
    for (int i = 0; i < given->devices; i++)
        if (pthread_create(&threads[i], &attributes, poll_device, (void *)(intptr_t)i) != 0) return 71;
    int received;
    sigwait(&signals, &received);
    stopping = true;
    for (int i = 0; i < given->devices; i++) pthread_join(threads[i], NULL);
    all_read = true;
    pthread_join(writer, NULL);
    fprintf(stderr, "floor: read=%lu written=%lu missed=%lu errors=%lu dropped=%lu\n", read_count, written,
            missed_polls, errors, dropped);
    return errors || dropped || read_count != written ? 70 : 0;
}
