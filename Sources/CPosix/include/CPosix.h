// The few calls of Linux that Swift's Glibc module hides: variadic ones, and those behind _GNU_SOURCE.
// Each function here is the system call of the same name and hardly more; errno is the caller's to read.
#pragma once
#include <poll.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/// Moves a descriptor to a number from FD_SETSIZE on, where the limits allow it: the numbers below are for those who put
/// theirs into an fd_set, as libmodbus does. Returns the number that is open now.
int cupel_above_select(int low);
/// eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), moved like that.
int cupel_eventfd(void);
/// accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), moved like that.
int cupel_accept(int listener);
/// ppoll on one descriptor for `events`; -1 waits for ever. Returns what poll returns; *revents is set.
int cupel_wait(int descriptor, short events, int64_t nanoseconds, short *revents);
/// ppoll for POLLIN on a descriptor and a second one that interrupts. Bit 0: the first is ready, bit 1: the second.
int cupel_wait_either(int descriptor, short events, int interrupter, int64_t nanoseconds);
/// prctl(PR_SET_NAME): at most 15 bytes show.
void cupel_name_thread(const char *name);
/// prctl(PR_SET_TIMERSLACK): how late the kernel may make this thread's sleeps to save wake-ups.
void cupel_timer_slack(uint64_t nanoseconds);
/// pipe2(ends, O_CLOEXEC): no program started at the same moment inherits an end, and so keeps the pipe open.
int cupel_pipe(int ends[2]);
/// posix_spawn_file_actions_addclosefrom_np: the program gets no descriptor from `first` on. glibc 2.34.
int cupel_spawn_closefrom(posix_spawn_file_actions_t *actions, int first);
/// ppoll on several descriptors; -1 waits for ever. Returns what poll returns.
int cupel_poll(struct pollfd *polls, int count, int64_t nanoseconds);
/// memfd_create: so many bytes of zeros that no process can shrink or grow, moved like that.
int cupel_memory(const char *name, size_t bytes);
/// Whether it is such a memory: one that could be shrunk would end whoever maps it with SIGBUS.
bool cupel_is_sealed(int memory);
/// sendmsg(MSG_NOSIGNAL) of a datagram with a descriptor beside it (SCM_RIGHTS). Returns what sendmsg returns.
ssize_t cupel_send_descriptor(
    int socket, const void *address, unsigned length, const void *text, size_t count, int descriptor);
/// pidfd_open(pid, 0): readable once the process has ended. glibc has a name for it from 2.36 on; the call is older.
int cupel_pidfd(pid_t pid);
/// Whether a signal is ignored. Swift cannot compare a handler with SIG_IGN.
bool cupel_is_ignored(int number);
/// Sets SIGCHLD to its default where it is ignored (SIG_IGN outlives an exec) or its handler has SA_NOCLDWAIT: without it
/// the kernel throws away how a child ended, and waitpid fails with ECHILD.
void cupel_keep_children(void);
