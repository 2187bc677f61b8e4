// Many Modbus/TCP devices in one thread, on loopback only: what the daemon and the minimal loop both poll.
//
// Each device serves `tags` float32 values from register 0 on, high word first, to function codes 3 and 4. The first is
// the step tag: 50, or 150 while it is stepped. The others move every millisecond, as a noisy sensor does.
//
// A device with a turnaround answers each request so long after it came, several of them at once where a client sends
// several. The last devices, or one unit of them, may have a fault from the beginning; see `enum baseline_fault`.
//
// Control, one UDP datagram each way:
//   stats        what was asked since the last reset, see `report`
//   reset        counts from now on
//   step D 0|1   changes the step tag; answers the moment
//   surge D 0|1  changes all values of a device to 150, or back; answers the moment
//   wave D NS    each value is 150 for half of so many nanoseconds and 50 for the other half, one value after the
//                other; 0 ends it
//   served D     the moment just before the first reply with the changed value was sent; 0: not yet
//   quit
// Moments are CLOCK_MONOTONIC nanoseconds, which all processes of a machine share.
#define _GNU_SOURCE
#include "CBaseline.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum {
    device_limit = 1024,
    // Sixteen requests of twelve bytes may be on their way; the rest is room for a client that counts wrong.
    request_room = 1024,
    request_bytes = 12,
    header = 7,
    register_limit = 125,
    reply_room = header + 2 + 2 * register_limit,
    // Requests that wait out their turnaround, of all connections: sixteen of every device there can be.
    waiting_limit = 16 * device_limit,
};

// A dripping reply's bytes are so far apart.
static const int64_t drip_ns = 50000000;

struct device {
    uint64_t requests, polls, whole_polls, missed, longest_gap, last_poll;
    bool stepped, surged;
    int64_t wave_ns, wave_from;
    int64_t step_served;
};

enum kind { listener, connection, control, turnaround_timer, drip_timer };

/// What an epoll event points to.
struct peer {
    enum kind kind;
    int socket;
    int device;
    size_t filled;
    uint8_t buffer[request_room];
    // Requests of it that wait out their turnaround; it lives on closed (socket -1) until none does.
    int waiting;
    // The reply that drips, and its neighbours among the dripping.
    size_t dripped, drip_bytes;
    uint8_t drip[reply_room];
    struct peer *next, **link;
};

/// A request that waits out its turnaround.
struct waiting {
    int64_t due;
    struct peer *peer;
    uint8_t request[request_bytes];
};

static struct device devices[device_limit];
static struct baseline_farm options;
static int device_count, tag_count;
static uint64_t poll_period;
// All turnarounds are alike, so what came first is due first.
static struct waiting waiting[waiting_limit];
static uint64_t waiting_head, waiting_tail;
static int turnaround_clock;
static struct peer *dripping;

static float value_of(int device, int tag, int64_t now) {
    const struct device *this = &devices[device];
    if (this->surged) return 150;
    if (this->wave_ns) {
        int64_t phase = now - this->wave_from - this->wave_ns * tag / tag_count;
        return phase >= 0 && phase % this->wave_ns < this->wave_ns / 2 ? 150 : 50;
    }
    if (tag == 0) return this->stepped ? 150 : 50;
    int64_t phase = (now / 1000000 + device * 37 + tag * 11) % 2000;
    return 20 + tag + 0.01f * (phase < 1000 ? phase : 2000 - phase);
}

static void put_registers(uint8_t *out, int device, int start, int count, int64_t now) {
    for (int i = 0; i < count; i++) {
        float value = value_of(device, (start + i) / 2, now);
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        uint16_t word = (start + i) % 2 ? bits : bits >> 16;
        out[2 * i] = word >> 8;
        out[2 * i + 1] = word;
    }
}

/// A poll is a request that begins at register 0; one that reaches the last register ends it.
static void count_request(struct device *device, int start, int count, int64_t now) {
    device->requests++;
    if (start == 0) {
        if (device->last_poll) {
            uint64_t gap = now - device->last_poll;
            if (gap > device->longest_gap) device->longest_gap = gap;
            // The polls that should have been in between; half a period early or late is not a missed one.
            uint64_t periods = poll_period ? (gap + poll_period / 2) / poll_period : 0;
            if (periods > 1) device->missed += periods - 1;
        }
        device->last_poll = now;
        device->polls++;
    }
    if (start + count == 2 * tag_count) device->whole_polls++;
}

static bool is_faulty(const struct peer *peer, const uint8_t *request) {
    bool chosen = peer->device >= device_count - options.faulty_devices;
    return chosen && (options.faulty_unit == 0 || options.faulty_unit == request[6]);
}

static size_t refuse(uint8_t *reply, const uint8_t *request, int code) {
    memcpy(reply, request, header + 1);
    reply[4] = 0;
    reply[5] = 3;
    reply[7] |= 0x80;
    reply[8] = code;
    return header + 2;
}

/// Returns the length of the reply.
static size_t make_reply(uint8_t *reply, const struct peer *peer, const uint8_t *request) {
    struct device *device = &devices[peer->device];
    int start = request[8] << 8 | request[9], count = request[10] << 8 | request[11];
    int64_t now = baseline_now();
    bool known = request[7] == 3 || request[7] == 4;
    if (!known) return refuse(reply, request, 1);
    if (count < 1 || count > register_limit || start + count > 2 * tag_count) return refuse(reply, request, 2);
    memcpy(reply, request, header + 1);
    reply[4] = (3 + 2 * count) >> 8;
    reply[5] = 3 + 2 * count;
    reply[8] = 2 * count;
    put_registers(reply + 9, peer->device, start, count, now);
    count_request(device, start, count, now);
    if (start == 0 && device->stepped && !device->step_served) device->step_served = baseline_now();
    return header + 2 + 2 * count;
}

static void start_to_drip(struct peer *peer, const uint8_t *reply, size_t length) {
    memcpy(peer->drip, reply, length);
    peer->drip_bytes = length;
    peer->dripped = 0;
    if (peer->link) return;
    peer->next = dripping;
    if (dripping) dripping->link = &peer->next;
    peer->link = &dripping;
    dripping = peer;
}

static void stop_dripping(struct peer *peer) {
    if (!peer->link) return;
    *peer->link = peer->next;
    if (peer->next) peer->next->link = peer->link;
    peer->link = NULL;
}

/// Answers one request. Returns false when the reply could not be sent whole.
static bool answer(struct peer *peer, const uint8_t *request) {
    uint8_t reply[reply_room];
    size_t length;
    bool faulty = is_faulty(peer, request);
    if (faulty && options.fault == baseline_silent) return true;
    if (faulty && options.fault == baseline_exception)
        length = refuse(reply, request, options.exception);
    else
        length = make_reply(reply, peer, request);
    if (faulty && options.fault == baseline_dripping) {
        start_to_drip(peer, reply, length);
        return true;
    }
    return send(peer->socket, reply, length, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)length;
}

static void wake_at(int clock, int64_t due) {
    struct itimerspec time = {.it_value = {.tv_sec = due / 1000000000, .tv_nsec = due % 1000000000}};
    timerfd_settime(clock, TFD_TIMER_ABSTIME, &time, NULL);
}

/// Returns false when there is no room for the request.
static bool put_off(struct peer *peer, const uint8_t *request) {
    if (waiting_tail - waiting_head == waiting_limit) return false;
    struct waiting *last = &waiting[waiting_tail % waiting_limit];
    last->due = baseline_now() + options.turnaround_ns;
    last->peer = peer;
    memcpy(last->request, request, request_bytes);
    peer->waiting++;
    if (waiting_tail++ == waiting_head) wake_at(turnaround_clock, last->due);
    return true;
}

/// Returns false when the connection is to be closed.
static bool receive(struct peer *peer) {
    ssize_t got = recv(peer->socket, peer->buffer + peer->filled, request_room - peer->filled, MSG_DONTWAIT);
    if (got <= 0) return got < 0 && (errno == EAGAIN || errno == EINTR);
    peer->filled += got;
    size_t used = 0;
    while (peer->filled - used >= request_bytes) {
        const uint8_t *request = peer->buffer + used;
        // All requests that are answered here are twelve bytes long.
        if ((request[4] << 8 | request[5]) != 6) return false;
        if (!(options.turnaround_ns ? put_off(peer, request) : answer(peer, request))) return false;
        used += request_bytes;
    }
    memmove(peer->buffer, peer->buffer + used, peer->filled - used);
    peer->filled -= used;
    return true;
}

/// The peer itself stays while requests of it wait.
static void hang_up(struct peer *peer) {
    if (peer->socket >= 0) close(peer->socket);
    peer->socket = -1;
    stop_dripping(peer);
    if (peer->waiting == 0) free(peer);
}

/// Answers what has waited long enough.
static void answer_waiting(void) {
    int64_t now = baseline_now();
    for (; waiting_head < waiting_tail; waiting_head++) {
        struct waiting *first = &waiting[waiting_head % waiting_limit];
        if (first->due > now) {
            wake_at(turnaround_clock, first->due);
            return;
        }
        struct peer *peer = first->peer;
        peer->waiting--;
        if (peer->socket < 0) {
            if (peer->waiting == 0) free(peer);
        } else if (!answer(peer, first->request)) {
            // Not hung up here: an event of it may already have been fetched.
            shutdown(peer->socket, SHUT_RDWR);
        }
    }
}

/// One more byte of every reply that drips.
static void drip(void) {
    for (struct peer *peer = dripping, *next; peer; peer = next) {
        next = peer->next;
        send(peer->socket, peer->drip + peer->dripped, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (++peer->dripped == peer->drip_bytes) stop_dripping(peer);
    }
}

static void report(char *out, size_t size) {
    uint64_t requests = 0, polls = 0, whole = 0, missed = 0, gap = 0, least = UINT64_MAX;
    for (int i = 0; i < device_count; i++) {
        struct device *device = &devices[i];
        requests += device->requests;
        polls += device->polls;
        whole += device->whole_polls;
        missed += device->missed;
        if (device->longest_gap > gap) gap = device->longest_gap;
        if (device->polls < least) least = device->polls;
    }
    snprintf(out, size,
             "now=%ld requests=%lu polls=%lu whole_polls=%lu fewest_polls=%lu missed=%lu longest_gap=%lu cpu=%ld",
             baseline_now(), requests, polls, whole, least, missed, gap, baseline_cpu(getpid()));
}

static void reset(void) {
    for (int i = 0; i < device_count; i++) {
        // The moment of the last poll stays: a gap that spans the reset is a gap.
        struct device *device = &devices[i];
        device->requests = device->polls = device->whole_polls = device->missed = device->longest_gap = 0;
    }
}

/// Returns false when told to quit.
static bool obey(int socket) {
    char command[64], reply[512] = "?";
    struct sockaddr_in from;
    socklen_t length = sizeof from;
    ssize_t got = recvfrom(socket, command, sizeof command - 1, 0, (struct sockaddr *)&from, &length);
    if (got < 0) return true;
    command[got] = 0;
    int device = 0, on = 0;
    long period = 0;
    bool go_on = true;
    if (strcmp(command, "stats") == 0) {
        report(reply, sizeof reply);
    } else if (strcmp(command, "reset") == 0) {
        reset();
        snprintf(reply, sizeof reply, "now=%ld", baseline_now());
    } else if (sscanf(command, "step %d %d", &device, &on) == 2 && device >= 0 && device < device_count) {
        devices[device].stepped = on;
        devices[device].step_served = 0;
        snprintf(reply, sizeof reply, "now=%ld", baseline_now());
    } else if (sscanf(command, "surge %d %d", &device, &on) == 2 && device >= 0 && device < device_count) {
        devices[device].surged = on;
        snprintf(reply, sizeof reply, "now=%ld", baseline_now());
    } else if (sscanf(command, "wave %d %ld", &device, &period) == 2 && device >= 0 && device < device_count) {
        devices[device].wave_ns = period;
        devices[device].wave_from = baseline_now();
        snprintf(reply, sizeof reply, "now=%ld", devices[device].wave_from);
    } else if (sscanf(command, "served %d", &device) == 1 && device >= 0 && device < device_count) {
        snprintf(reply, sizeof reply, "served=%ld", devices[device].step_served);
    } else if (strcmp(command, "quit") == 0) {
        snprintf(reply, sizeof reply, "bye");
        go_on = false;
    }
    sendto(socket, reply, strlen(reply), 0, (struct sockaddr *)&from, length);
    return go_on;
}

static struct peer *watch(int epoll, enum kind kind, int socket, int device) {
    struct peer *peer = calloc(1, sizeof *peer);
    if (!peer) return NULL;
    peer->kind = kind;
    peer->socket = socket;
    peer->device = device;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event) != 0) {
        free(peer);
        return NULL;
    }
    return peer;
}

static void welcome(int epoll, struct peer *peer) {
    int yes = 1, socket;
    while ((socket = accept4(peer->socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        if (!watch(epoll, connection, socket, peer->device)) close(socket);
    }
}

/// A socket on 127.0.0.1; *port 0 is replaced by the kernel's choice. Returns -1 with errno.
static int bound(int type, int *port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(*port)};
    socklen_t length = sizeof address;
    int yes = 1, socket_ = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket_ < 0) return -1;
    setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(socket_, (struct sockaddr *)&address, sizeof address) != 0) return -1;
    if (getsockname(socket_, (struct sockaddr *)&address, &length) != 0) return -1;
    *port = ntohs(address.sin_port);
    return socket_;
}

/// A timer among what is waited for; `period_ns` 0 leaves it off. Returns -1 with errno.
static int timer(int epoll, enum kind kind, int64_t period_ns) {
    int clock = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (clock < 0 || !watch(epoll, kind, clock, 0)) return -1;
    struct itimerspec time = {.it_value.tv_nsec = period_ns, .it_interval.tv_nsec = period_ns};
    return timerfd_settime(clock, 0, &time, NULL) == 0 ? clock : -1;
}

static void forget_tick(int clock) {
    uint64_t ticks;
    if (read(clock, &ticks, sizeof ticks) < 0) return;
}

/// Binds everything and announces the ports. Returns false with errno.
static bool open_all(int epoll) {
    int port = 0, socket = bound(SOCK_DGRAM, &port);
    if (socket < 0 || !watch(epoll, control, socket, 0)) return false;
    turnaround_clock = timer(epoll, turnaround_timer, 0);
    if (turnaround_clock < 0) return false;
    if (options.fault == baseline_dripping && timer(epoll, drip_timer, drip_ns) < 0) return false;
    printf("control %d devices", port);
    for (int i = 0; i < device_count; i++) {
        port = options.base_port ? options.base_port + i : 0;
        socket = bound(SOCK_STREAM, &port);
        if (socket < 0) return false;
        // The port of a dead device is taken but nobody listens: every connection is refused.
        bool dead = options.fault == baseline_dead && i >= device_count - options.faulty_devices;
        if (!dead && (listen(socket, 16) != 0 || !watch(epoll, listener, socket, i))) return false;
        printf(" %d", port);
    }
    printf("\n");
    fflush(stdout);
    return true;
}

int baseline_farm(const struct baseline_farm *given) {
    if (given->devices < 1 || given->devices > device_limit || given->tags < 1 || 2 * given->tags > 65535) return 64;
    options = *given;
    device_count = given->devices;
    tag_count = given->tags;
    poll_period = given->period_ns;
    prctl(PR_SET_TIMERSLACK, 1UL);
    struct rlimit descriptors;
    getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    setrlimit(RLIMIT_NOFILE, &descriptors);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0 || !open_all(epoll)) {
        perror("farm");
        return 71;
    }
    for (;;) {
        struct epoll_event events[64];
        int ready = epoll_wait(epoll, events, 64, -1);
        for (int i = 0; i < ready; i++) {
            struct peer *peer = events[i].data.ptr;
            switch (peer->kind) {
            case listener: welcome(epoll, peer); break;
            case control:
                if (!obey(peer->socket)) return 0;
                break;
            case connection:
                if (!receive(peer)) hang_up(peer);
                break;
            case turnaround_timer:
                forget_tick(peer->socket);
                answer_waiting();
                break;
            case drip_timer:
                forget_tick(peer->socket);
                drip();
                break;
            }
        }
    }
}
