/* Counts the calls by which a process reads and writes files below one folder, and lets one of
 * them (or all from it on) fail, write half, or end the process. Preloaded; armed through ctypes
 * (tests/reliability/shim.py). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { LOOK = 1, READ = 2, WRITE = 4, SYNC = 8, RENAME = 16, UNLINK = 32, SIZE = 64, LOCK = 128 };
enum { MAKE = 256, KINDS = 9 }; /* MAKE opens a file for writing, LOOK for reading */
enum { COUNT = 0, KILL = -1, TORN = -2 };

static char folder[PATH_MAX];
static int kinds, how, lasting;
static long chosen;
static atomic_long seen, largest, each[KINDS];

void shim_arm(const char *below, int which, long nth, int what, int goes_on) {
    snprintf(folder, sizeof folder, "%s", below);
    kinds = which, how = what, lasting = goes_on, chosen = nth;
    seen = 0, largest = 0;
    for (int bit = 0; bit < KINDS; bit++) each[bit] = 0;
}

long shim_count(void) { return seen; }
long shim_each(int bit) { return each[bit]; }
long shim_largest(void) { return largest; }

static int below(const char *path) {
    return path && folder[0] && strncmp(path, folder, strlen(folder)) == 0;
}

static int is_ours(int fd) {
    char link[64], path[PATH_MAX];
    if (!folder[0]) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size < 0) return 0;
    path[size] = 0;
    return below(path);
}

/* 1: the call fails with errno set; 2: it writes half and ends the process; 0: it goes on. */
static int met(int kind, int ours) {
    if (!ours) return 0;
    each[__builtin_ctz(kind)]++;
    if (!(kinds & kind)) return 0;
    long number = ++seen;
    if (how == COUNT || number < chosen || (number > chosen && !lasting)) return 0;
    if (how == KILL) kill(getpid(), SIGKILL), pause();
    if (how == TORN) {
        if (kind == WRITE) return 2;
        kill(getpid(), SIGKILL), pause();
    }
    errno = how;
    return 1;
}

static void end(void) { kill(getpid(), SIGKILL), pause(); }

#define REAL(name) \
    static __typeof__(name) *real; \
    if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

#define OPENS(name) \
    int name(const char *path, int flags, ...) { \
        REAL(name); \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = va_arg(more, mode_t); \
        va_end(more); \
        int writes = (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) != 0; \
        if (met(writes ? MAKE : LOOK, below(path)) == 1) return -1; \
        return real(path, flags, mode); \
    }
OPENS(open)
OPENS(open64)

#define READS(name, parameters, arguments) \
    ssize_t name parameters { \
        REAL(name); \
        if (met(READ, is_ours(fd)) == 1) return -1; \
        return real arguments; \
    }
READS(read, (int fd, void *to, size_t size), (fd, to, size))
READS(pread, (int fd, void *to, size_t size, off_t at), (fd, to, size, at))
READS(pread64, (int fd, void *to, size_t size, off64_t at), (fd, to, size, at))

static void grown(int fd, off64_t to) {
    if (to > largest && is_ours(fd)) largest = to;
}

#define WRITES(name, at, parameters, arguments) \
    ssize_t name parameters { \
        REAL(name); \
        grown(fd, (at) + (off64_t)size); \
        int found = met(WRITE, is_ours(fd)); \
        if (found == 1) return -1; \
        if (found == 2) size /= 2; \
        ssize_t done = real arguments; \
        if (found == 2) end(); \
        return done; \
    }
WRITES(write, lseek64(fd, 0, SEEK_CUR), (int fd, const void *from, size_t size), (fd, from, size))
WRITES(pwrite, at, (int fd, const void *from, size_t size, off_t at), (fd, from, size, at))
WRITES(pwrite64, at, (int fd, const void *from, size_t size, off64_t at), (fd, from, size, at))

#define PLAIN(name, kind, ours, parameters, arguments) \
    int name parameters { \
        REAL(name); \
        if (met(kind, ours) == 1) return -1; \
        return real arguments; \
    }
PLAIN(fsync, SYNC, is_ours(fd), (int fd), (fd))
PLAIN(fdatasync, SYNC, is_ours(fd), (int fd), (fd))
PLAIN(ftruncate, SIZE, is_ours(fd), (int fd, off_t size), (fd, size))
PLAIN(ftruncate64, SIZE, is_ours(fd), (int fd, off64_t size), (fd, size))
PLAIN(flock, LOCK, is_ours(fd), (int fd, int operation), (fd, operation))
PLAIN(rename, RENAME, below(from), (const char *from, const char *to), (from, to))
PLAIN(unlink, UNLINK, below(path), (const char *path), (path))

#define LOCKS(name) \
    int name(int fd, int command, ...) { \
        REAL(name); \
        va_list more; \
        va_start(more, command); \
        void *argument = va_arg(more, void *); \
        va_end(more); \
        int locks = command == F_SETLK || command == F_SETLKW; \
        if (met(LOCK, locks && is_ours(fd)) == 1) return -1; \
        return real(fd, command, argument); \
    }
LOCKS(fcntl)
LOCKS(fcntl64)
