// SPDX-License-Identifier: Apache-2.0
// Built with _GNU_SOURCE, which Swift's own import of the C library is not.
#include "swoop_system.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

// From linux/magic.h.
#define TMPFS_MAGIC 0x01021994
#define RAMFS_MAGIC 0x858458f6

#define EXT4_MAGIC 0xef53
#define XFS_MAGIC 0x58465342
#define BTRFS_MAGIC 0x9123683e
#define F2FS_MAGIC 0xf2f52010
#define OVERLAY_MAGIC 0x794c7630

// From linux/fs.h, which clashes with the C library's headers on some systems.
#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#endif

int swoop_allocate(int fd, int64_t offset, int64_t length) {
    return fallocate(fd, 0, offset, length);
}

int swoop_punch_hole(int fd, int64_t offset, int64_t length) {
    return fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);
}

int swoop_start_write_back(int fd) {
    return sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

int swoop_wait_for_write_back(int fd) {
    return sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
}

static int is_memory(const struct statfs *kind) {
    return (uint32_t)kind->f_type == TMPFS_MAGIC || (uint32_t)kind->f_type == RAMFS_MAGIC;
}

static int is_on_local_device(const struct statfs *kind) {
    switch ((uint32_t)kind->f_type) {
    case EXT4_MAGIC:
    case XFS_MAGIC:
    case BTRFS_MAGIC:
    case F2FS_MAGIC:
        return 1;
    default:
        return 0;
    }
}

int swoop_sync_file_system(int fd) {
    struct statfs kind;
    if (fstatfs(fd, &kind) != 0) {
        return -1;
    }
    if (is_memory(&kind)) {
        return 0;
    }
    if (is_on_local_device(&kind) || (uint32_t)kind.f_type == OVERLAY_MAGIC) {
        return syncfs(fd);
    }
    errno = EOPNOTSUPP;
    return -1;
}

int64_t swoop_raise_open_file_limit(int64_t wanted) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return 0;
    }
    rlim_t most = limit.rlim_max < (rlim_t)wanted ? limit.rlim_max : (rlim_t)wanted;
    if (limit.rlim_cur < most) {
        struct rlimit raised = {.rlim_cur = most, .rlim_max = limit.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0) {
            limit = raised;
        }
    }
    return limit.rlim_cur > (rlim_t)INT64_MAX ? INT64_MAX : (int64_t)limit.rlim_cur;
}

int swoop_rename_exclusive(const char *from, const char *to) {
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

int swoop_try_lock(int fd) {
    return flock(fd, LOCK_EX | LOCK_NB);
}

// For file systems and kernels without O_TMPFILE: the name exists for a moment.
static int open_unlinked(const char *directory) {
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/swoop-XXXXXX", directory);
    if (length < 0 || (size_t)length >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0) {
        unlink(path);
    }
    return fd;
}

int swoop_open_unnamed(const char *directory) {
    int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
        return open_unlinked(directory);
    }
    return fd;
}

int swoop_describe_file_system(const char *path, struct swoop_file_system *result) {
    struct statvfs information;
    if (statvfs(path, &information) != 0) {
        return -1;
    }
    struct statfs kind;
    if (statfs(path, &kind) != 0) {
        return -1;
    }
    result->is_memory = is_memory(&kind);
    result->is_local = is_memory(&kind) || is_on_local_device(&kind);
    uint64_t blocks = geteuid() == 0 ? information.f_bfree : information.f_bavail;
    result->total = (uint64_t)information.f_blocks * information.f_frsize;
    result->available = blocks * information.f_frsize;
    result->name_max = information.f_namemax;
    return 0;
}

static atomic_int stops_seen;
static int stop_pipe;
static int stop_status;

static void on_stop(int number) {
    if (atomic_fetch_add(&stops_seen, 1) > 0) {
        _exit(stop_status);
    }
    int before = errno;
    unsigned char byte = (unsigned char)number;
    ssize_t written = write(stop_pipe, &byte, 1);
    (void)written;
    errno = before;
}

int swoop_catch_stops(int status) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return -1;
    }
    stop_pipe = ends[1];
    stop_status = status;
    atomic_store(&stops_seen, 0);
    struct sigaction action = {.sa_handler = on_stop, .sa_flags = SA_RESTART};
    struct sigaction hangup;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN) {
        sigaction(SIGHUP, &action, NULL);
    }
    return ends[0];
}

// Runs in the child: nothing but calls that are safe after a fork of a process with threads.
static void become(char *const words[], int report) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setsid();
    int null = open("/dev/null", O_RDWR);
    if (null >= 0) {
        dup2(null, 0);
        dup2(null, 1);
        dup2(null, 2);
    }
    // Past the kernels that lack it, descriptors that are not closed on exec stay open, which is no harm.
    syscall(SYS_close_range, 3, ~0U, 1U << 2);  // CLOSE_RANGE_CLOEXEC
    execvp(words[0], words);
    int problem = errno;
    ssize_t written = write(report, &problem, sizeof problem);
    _exit(written < 0 ? 126 : 127);
}

int swoop_spawn(char *const words[]) {
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0) {
        return -1;
    }
    pid_t child = fork();
    if (child == 0) {
        become(words, report[1]);
    }
    int problem = child < 0 ? errno : 0;
    close(report[1]);
    // Nothing comes and the pipe closes once the program runs.
    ssize_t count = 0;
    while (child > 0 && (count = read(report[0], &problem, sizeof problem)) < 0 && errno == EINTR) {
    }
    close(report[0]);
    if (child > 0 && count > 0) {
        waitpid(child, NULL, 0);
        child = -1;
    }
    if (child < 0) {
        errno = problem;
    }
    return child;
}
