#define _GNU_SOURCE
#include "CPosix.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int cupel_above_select(int low) {
    if (low < 0 || low >= FD_SETSIZE) return low;
    int high = fcntl(low, F_DUPFD_CLOEXEC, FD_SETSIZE);
    if (high < 0) return low;
    close(low);
    return high;
}

int cupel_eventfd(void) { return cupel_above_select(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

int cupel_accept(int listener) {
    return cupel_above_select(accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
}

static struct timespec span(int64_t nanoseconds) {
    return (struct timespec){.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
}

int cupel_wait(int descriptor, short events, int64_t nanoseconds, short *revents) {
    struct pollfd poll = {.fd = descriptor, .events = events};
    struct timespec timeout = span(nanoseconds);
    int ready = ppoll(&poll, 1, nanoseconds < 0 ? NULL : &timeout, NULL);
    *revents = poll.revents;
    return ready;
}

int cupel_wait_either(int descriptor, short events, int interrupter, int64_t nanoseconds) {
    struct pollfd polls[2] = {{.fd = descriptor, .events = events}, {.fd = interrupter, .events = POLLIN}};
    struct timespec timeout = span(nanoseconds);
    int ready = ppoll(polls, 2, nanoseconds < 0 ? NULL : &timeout, NULL);
    if (ready < 0) return -1;
    return (polls[0].revents ? 1 : 0) | (polls[1].revents ? 2 : 0);
}

void cupel_name_thread(const char *name) { prctl(PR_SET_NAME, name); }

void cupel_timer_slack(uint64_t nanoseconds) { prctl(PR_SET_TIMERSLACK, nanoseconds); }

int cupel_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int cupel_spawn_closefrom(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

int cupel_poll(struct pollfd *polls, int count, int64_t nanoseconds) {
    struct timespec timeout = span(nanoseconds);
    return ppoll(polls, (nfds_t)count, nanoseconds < 0 ? NULL : &timeout, NULL);
}

static const int fixed_size = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

int cupel_memory(const char *name, size_t bytes) {
    int memory = cupel_above_select(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (memory < 0) return -1;
    if (ftruncate(memory, (off_t)bytes) == 0 && fcntl(memory, F_ADD_SEALS, fixed_size) == 0) return memory;
    int fault = errno;
    close(memory);
    errno = fault;
    return -1;
}

bool cupel_is_sealed(int memory) {
    int seals = fcntl(memory, F_GET_SEALS);
    return seals >= 0 && (seals & fixed_size) == fixed_size;
}

ssize_t cupel_send_descriptor(
    int socket, const void *address, unsigned length, const void *text, size_t count, int descriptor) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec piece = {.iov_base = (void *)text, .iov_len = count};
    struct msghdr message = {
        .msg_name = (void *)address, .msg_namelen = length, .msg_iov = &piece, .msg_iovlen = 1,
        .msg_control = control.room, .msg_controllen = sizeof control.room};
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof descriptor);
    memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
    return sendmsg(socket, &message, MSG_NOSIGNAL);
}

int cupel_pidfd(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

bool cupel_is_ignored(int number) {
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

void cupel_keep_children(void) {
    struct sigaction action;
    if (sigaction(SIGCHLD, NULL, &action) != 0) return;
    if (action.sa_handler != SIG_IGN && !(action.sa_flags & SA_NOCLDWAIT)) return;
    action = (struct sigaction){.sa_handler = SIG_DFL};
    sigaction(SIGCHLD, &action, NULL);
}
