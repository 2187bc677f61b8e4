// Preloaded into a program under test: makes the writes to some files fail and moves the wall clock, as a file says
// that the test maps too and may change at any moment.
//
//   CUPEL_FAULTS      the file, a struct control
//   CUPEL_FAULT_NAME  what is in the names of the files whose writes fail
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct control {
    int64_t clock_ns;     // added to CLOCK_REALTIME
    int32_t write_fault;  // errno of failing writes; 0: none, -1: only half of the bytes are written
    int32_t write_every;  // every how many writes fails
    int32_t sync_fault;   // errno of failing fdatasync and fsync; 0: none
    int32_t sync_every;
    int32_t hits;         // calls that did fail
};

static volatile struct control *control;
static int writes, syncs;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("CUPEL_FAULTS");
    if (!path) return;
    int descriptor = open(path, O_RDWR | O_CLOEXEC);
    if (descriptor < 0) _exit(127);
    void *memory = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (memory == MAP_FAILED) _exit(127);
    close(descriptor);
    control = memory;
}

static int is_meant(int descriptor) {
    const char *wanted = getenv("CUPEL_FAULT_NAME");
    if (!wanted) return 0;
    char link[48], name[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, name, sizeof name);
    return length > 0 && memmem(name, length, wanted, strlen(wanted)) != NULL;
}

// The fault of this call, or 0.
static int fault(int descriptor, int wanted, int every, int *count) {
    if (wanted == 0 || every <= 0 || !is_meant(descriptor)) return 0;
    if (__atomic_add_fetch(count, 1, __ATOMIC_RELAXED) % every != 0) return 0;
    __atomic_add_fetch(&control->hits, 1, __ATOMIC_RELAXED);
    return wanted;
}

static ssize_t faulty_write(int descriptor, const void *bytes, size_t count, off64_t offset) {
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
    int code = control ? fault(descriptor, control->write_fault, control->write_every, &writes) : 0;
    if (code > 0) {
        errno = code;
        return -1;
    }
    return real(descriptor, bytes, code < 0 ? (count + 1) / 2 : count, offset);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
    return faulty_write(descriptor, bytes, count, offset);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    return faulty_write(descriptor, bytes, count, offset);
}

static int faulty_sync(int descriptor, const char *name) {
    int (*real)(int) = dlsym(RTLD_NEXT, name);
    int code = control ? fault(descriptor, control->sync_fault, control->sync_every, &syncs) : 0;
    if (code > 0) {
        errno = code;
        return -1;
    }
    return real(descriptor);
}

int fdatasync(int descriptor) { return faulty_sync(descriptor, "fdatasync"); }
int fsync(int descriptor) { return faulty_sync(descriptor, "fsync"); }

static int64_t shift(clockid_t id) {
    return control && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE) ? control->clock_ns : 0;
}

int clock_gettime(clockid_t id, struct timespec *time) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int code = real(id, time);
    int64_t ns = shift(id);
    if (code == 0 && ns != 0) {
        ns += time->tv_nsec;
        time->tv_sec += ns / 1000000000;
        time->tv_nsec = ns % 1000000000;
        if (time->tv_nsec < 0) {
            time->tv_nsec += 1000000000;
            time->tv_sec -= 1;
        }
    }
    return code;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    (void)zone;
    struct timespec now;
    int code = clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return code;
}

time_t time(time_t *into) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (into) *into = now.tv_sec;
    return now.tv_sec;
}
