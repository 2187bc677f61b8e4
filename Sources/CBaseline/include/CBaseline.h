// What the product is measured against, in plain C, and the tools of the measurement. Not part of the product.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// --- clock.c: threads, processes and time -----------------------------------------------------------------------

/// Binds the calling thread to a CPU. Returns 0, or -1 when there is no such CPU.
int baseline_pin(int cpu);
/// CLOCK_MONOTONIC in nanoseconds.
int64_t baseline_now(void);
/// CPU time of the calling thread in nanoseconds.
int64_t baseline_thread_cpu(void);
/// CPU time of a whole process in nanoseconds, its ended threads included; -1 when it is gone.
int64_t baseline_cpu(pid_t pid);
/// Tells the CPU that this is a spin loop.
static inline void baseline_relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}
/// Starts a program that dies with the calling thread. `output` NULL gives a pipe in *descriptor, else its standard
/// output and error are appended to that file. Returns its process id, or -1 with errno.
pid_t baseline_spawn(char *const argv[], const char *output, int *descriptor);

// --- ring.c ------------------------------------------------------------------------------------------------------

/// Passes `items` of 32 bytes, `batch` at a time, through a plain C11 ring of `capacity` items between two threads on
/// two CPUs. Returns nanoseconds an item, or -1 when an item came out of order or a thread could not be started.
double baseline_ring(uint64_t items, int batch, size_t capacity, int producer_cpu, int consumer_cpu);

// --- farm.c ------------------------------------------------------------------------------------------------------

/// What is wrong with a device, or with a unit of it.
enum baseline_fault {
    baseline_well,
    /// Its port refuses every connection.
    baseline_dead,
    /// It takes requests and never answers.
    baseline_silent,
    /// A byte of its reply every 50 ms.
    baseline_dripping,
    /// It answers every request with an exception.
    baseline_exception,
};

struct baseline_farm {
    int devices;
    /// 0 lets the kernel choose all ports.
    int base_port;
    /// float32 values (ABCD) from register 0 on, holding and input alike.
    int tags;
    /// How often each device will be polled; longer gaps count as missed polls.
    int64_t period_ns;
    /// How long after a request its reply is sent. Each request has a time of its own, so that several of one
    /// connection are answered together.
    int64_t turnaround_ns;
    enum baseline_fault fault;
    /// The code of `baseline_exception`.
    int exception;
    /// So many of the last devices have the fault.
    int faulty_devices;
    /// The only unit of them that has it; 0: all.
    int faulty_unit;
};

/// Serves Modbus/TCP devices on 127.0.0.1 from one thread until it is told to quit. Writes one line,
/// "control PORT devices PORT...", to standard output. Returns an exit code.
int baseline_farm(const struct baseline_farm *options);

// --- floor.c -----------------------------------------------------------------------------------------------------

struct baseline_floor {
    /// One port of 127.0.0.1 a device.
    const int *ports;
    int devices;
    int tags;
    int64_t period_ns;
    int64_t commit_ns;
    const char *database;
    /// A UDP port of 127.0.0.1 that is told when the first tag of a device passes 100; 0 tells nobody.
    int alarm_port;
};

/// The minimal C loop, until SIGTERM. Returns an exit code.
int baseline_floor(const struct baseline_floor *options);

// --- poll.c ------------------------------------------------------------------------------------------------------

struct baseline_poller;

/// Starts a thread and a libmodbus context a port; each reads `blocks` blocks of `registers` holding registers from
/// register 0 on, one after the other and without end. Returns NULL when a device cannot be reached.
struct baseline_poller *baseline_poll(const int *ports, int devices, int blocks, int registers);

/// Ends it. Returns the requests that failed.
uint64_t baseline_poll_end(struct baseline_poller *poller);

// --- query.c -----------------------------------------------------------------------------------------------------

/// The first row of a query on a database opened read-only, its columns separated by tabs. Returns 0, or -1 with the
/// reason in `text`.
int baseline_query(const char *database, const char *sql, char *text, size_t size);
