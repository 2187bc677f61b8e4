// The bare loop: modbus_read_registers without end, and nothing done with what it brings. No line that checks, decodes
// or hands on a value can be faster.
#include "CBaseline.h"

#include <modbus.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

enum { stack_bytes = 256 * 1024 };

struct device {
    struct baseline_poller *poller;
    modbus_t *context;
    pthread_t thread;
};

struct baseline_poller {
    _Atomic bool stopping;
    _Atomic uint64_t failed;
    int blocks, registers;
    int started;
    struct device devices[];
};

static void *poll_device(void *argument) {
    struct device *device = argument;
    struct baseline_poller *poller = device->poller;
    uint16_t registers[MODBUS_MAX_READ_REGISTERS];
    while (!poller->stopping)
        for (int block = 0; block < poller->blocks && !poller->stopping; block++) {
            int start = block * poller->registers;
            if (modbus_read_registers(device->context, start, poller->registers, registers) != poller->registers)
                poller->failed++;
        }
    modbus_close(device->context);
    modbus_free(device->context);
    return NULL;
}

static bool begin(struct baseline_poller *poller, struct device *device, int port, const pthread_attr_t *attributes) {
    device->poller = poller;
    device->context = modbus_new_tcp("127.0.0.1", port);
    if (!device->context) return false;
    modbus_set_slave(device->context, 1);
    // As long as a line waits; libmodbus's own half second is short for sixty threads on one CPU.
    modbus_set_response_timeout(device->context, 1, 0);
    if (modbus_connect(device->context) == 0) {
        if (pthread_create(&device->thread, attributes, poll_device, device) == 0) return true;
        modbus_close(device->context);
    }
    modbus_free(device->context);
    return false;
}

struct baseline_poller *baseline_poll(const int *ports, int devices, int blocks, int registers) {
    if (registers < 1 || registers > MODBUS_MAX_READ_REGISTERS) return NULL;
    struct baseline_poller *poller = calloc(1, sizeof *poller + devices * sizeof *poller->devices);
    if (!poller) return NULL;
    poller->blocks = blocks;
    poller->registers = registers;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stack_bytes);
    while (poller->started < devices &&
           begin(poller, &poller->devices[poller->started], ports[poller->started], &attributes))
        poller->started++;
    pthread_attr_destroy(&attributes);
    if (poller->started == devices) return poller;
    baseline_poll_end(poller);
    return NULL;
}

uint64_t baseline_poll_end(struct baseline_poller *poller) {
    poller->stopping = true;
    for (int i = 0; i < poller->started; i++) pthread_join(poller->devices[i].thread, NULL);
    uint64_t failed = poller->failed;
    free(poller);
    return failed;
}
